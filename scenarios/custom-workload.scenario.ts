import { scenario } from "nomos-run";

/** A workload of its own: stops and starts each node in turn, and puts what it saw on record. */
export default scenario("custom-workload")
  .topologyWith((t) => t.networkFull().validators(4))
  .enableNodeControl()
  .withWorkload({
    name: "in-turn",
    options: { downMs: 4_000, pauseMs: 12_000 }, // in the plan, where --set reaches them
    needs: ["node.stop"],
    async start(ctx) {
      const { downMs, pauseMs } = ctx.plan.workloads.find(({ name }) => name === "in-turn")?.options ?? {};
      for (const { name } of ctx.plan.topology.nodes) {
        await ctx.cluster.control.stop(name, ctx.signal);
        await ctx.clock.sleep(Number(downMs), ctx.signal); // the run's clock, so that it also runs simulated
        await ctx.cluster.control.start(name, ctx.signal);
        ctx.events.emit("observation", { by: "in-turn", data: { node: name, height: ctx.feed.head().height } });
        await ctx.clock.sleep(Number(pauseMs), ctx.signal);
      }
    },
  })
  .expectConsensusLiveness()
  .withRunDuration("90s")
  .build();
