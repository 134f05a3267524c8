import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { CHAOS } from "../../support/chaos.ts";
import { awaitEvent, latestRun, readEvents, readReport, scratch, start } from "../../support/program.ts";
import { undisturbed } from "../../support/undisturbed.ts";
import { lookAround } from "../../support/world.ts";
import { docker, projectOf, system, thingsInEngine } from "./engine-world.ts";

const NODES = ["executor-0", "executor-1", "validator-0", "validator-1", "validator-2"];

interface Inspected {
  readonly Id: string;
  readonly Config: { readonly Labels: Record<string, string>; readonly User: string };
  readonly HostConfig: { readonly CapDrop: string[]; readonly Memory: number; readonly Privileged: boolean };
  readonly NetworkSettings: { readonly Networks: Record<string, { readonly IPAddress: string }> };
}

test("the chaos scenario passes in containers, heals its restarts and leaves nothing", (t) =>
  undisturbed(t, async () => {
    const cwd = scratch(t);
    const temporary = join(cwd, "tmp");
    mkdirSync(temporary);
    const before = lookAround(temporary);
    const args = [...CHAOS, "--deployer", "compose", "--reporter", "plain"];
    const run = start(t, args, { cwd, env: { TMPDIR: temporary } });
    await awaitEvent(cwd, "the drive", (event) => event.type === "stage.started" && event.stage === "drive");
    const folder = latestRun(cwd);
    const runId = folder.split("/").at(-1) ?? "";
    const project = projectOf(runId);

    // Docker's own programs see a project of theirs.
    assert.deepEqual(await thingsInEngine(runId), [
      ...NODES.map((node) => `container ${project}_${node}_1`),
      `network ${project}_control`,
      `network ${project}_peers`,
    ]);
    const inspected = JSON.parse(
      await docker("inspect", ...NODES.map((node) => `${project}_${node}_1`)),
    ) as Inspected[];
    for (const [i, { Config, HostConfig, NetworkSettings }] of inspected.entries()) {
      const { "com.docker.compose.config-hash": configHash, "nomos-run.inputs": inputs, ...labels } = Config.Labels;
      assert.match(configHash ?? "", /^[0-9a-f]{64}$/);
      // Of its image.
      assert.match(inputs ?? "", /^[0-9a-f]{64}$/);
      assert.deepEqual(labels, {
        "nomos-run.run": runId,
        "nomos-run.from": hostname(),
        "nomos-run.node": NODES[i],
        "com.docker.compose.project": project,
        "com.docker.compose.service": NODES[i],
        "com.docker.compose.container-number": "1",
        "com.docker.compose.oneoff": "False",
        "com.docker.compose.project.config_files": "docker-compose.yml",
        "com.docker.compose.project.working_dir": folder,
        "com.docker.compose.version": "1.29.2",
      });
      assert.deepEqual(HostConfig.CapDrop, ["ALL"]);
      assert.equal(HostConfig.Privileged, false);
      assert.ok(HostConfig.Memory > 0);
      assert.notEqual(Config.User, "");
      assert.deepEqual(Object.keys(NetworkSettings.Networks).toSorted(), [`${project}_control`, `${project}_peers`]);
    }
    const networks = JSON.parse(await docker("network", "inspect", `${project}_control`, `${project}_peers`)) as {
      readonly Labels: Record<string, string>;
      readonly Internal: boolean;
    }[];
    for (const [i, name] of ["control", "peers"].entries()) {
      assert.deepEqual(networks[i]?.Labels, {
        "nomos-run.run": runId,
        "nomos-run.from": hostname(),
        "com.docker.compose.project": project,
        "com.docker.compose.network": name,
        "com.docker.compose.version": "1.29.2",
      });
    }
    assert.deepEqual(
      networks.map(({ Internal }) => Internal),
      [false, true],
    );
    const listed = await system("docker-compose", ["-p", project, "-f", join(folder, "docker-compose.yml"), "ps"]);
    // One of them may be down, as it is being restarted.
    for (const node of NODES) assert.match(listed, new RegExp(`^${project}_${node}_1 .* (Up|Exit) `, "m"));

    const { code, stdout, stderr } = await run.finished;
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.deepEqual(await thingsInEngine(runId), []);
    const after = lookAround(temporary);
    const report = readReport(folder);
    assert.equal(report.verdict, "passed");
    assert.equal(report.deployer, "compose");
    assert.equal(report.inventory.created, report.inventory.removed);
    assert.deepEqual(report.inventory.items.map(({ kind, name }) => `${kind} ${name}`).toSorted(), [
      ...NODES.map((node) => `container ${project}_${node}_1`),
      `network ${project}_control`,
      `network ${project}_peers`,
    ]);
    const events = readEvents(folder);
    const faults = (type: string) => events.filter((event) => event.type === type).length;
    assert.ok(faults("fault.effective") >= 2, `${faults("fault.effective")} restarts took effect`);
    assert.equal(faults("fault.healed"), faults("fault.effective"));
    // Whoever is restarted is away for a while, and nobody else ever.
    const away = new Map<string, string>();
    const driven = events.findIndex((event) => event.type === "stage.started" && event.stage === "drive");
    for (const event of events.slice(driven)) {
      if (event.type === "fault.started") away.set(event.fault, event.target);
      if (event.type === "fault.healed") away.delete(event.fault);
      if (event.type !== "node.reachable" || event.reachable) continue;
      assert.ok([...away.values()].includes(event.node), `${event.node}: ${event.why}`);
    }
    assert.deepEqual(after.processes, before.processes);
    assert.deepEqual(after.ports, before.ports);
    assert.deepEqual(after.files, before.files);
  }));
