import { binomialMass } from "../../core/statistics/binomial.ts";

/** Winners of a slot number 2.3 on average at f = 0.9: more than this many have a probability below 1e-15. */
const MOST_WINNERS = 24;
/** Cases rarer than this add nothing to a probability that is compared with 1e-6. */
const NEGLIGIBLE = 1e-18;

/**
 * result[j]: P(the tips of all nodes stem from two blocks or more, j occupied slots ago), in a network of equal nodes
 * that keep the first of equally long chains they hear of, and where every block arrives within its slot.
 *
 * After an occupied slot each winner sits on its own block, and every other node on that of the winner it heard first,
 * any with equal chance. Where a tip stood before that slot is where the maker of its block stood. So, looking
 * backwards, the places of the tips' ancestors go through one random map of the nodes for each occupied slot (winners
 * to themselves, others to a random winner), and two that meet stay together. By symmetry only their number matters,
 * so it is a Markov chain, a relative of Kingman's coalescent (1982).
 *
 * @param nodes at least two
 * @param wins probability that one node wins a slot
 */
export function unmergedBranches(nodes: number, wins: number, steps: number): number[] {
  const occupancy = 1 - (1 - wins) ** nodes;
  const most = Math.min(nodes, MOST_WINNERS);
  const rows = Array.from({ length: most + 1 }, (_, from) => mergeRow(nodes, wins, occupancy, from));
  let mass = Array.from({ length: most + 1 }, (_, m) => (m === 0 ? 0 : binomialMass(nodes, wins, m) / occupancy));
  const unmerged = [1];
  for (let step = 1; step <= steps; step++) {
    unmerged.push(mass.slice(2).reduce((sum, chance) => sum + chance, 0));
    const next = new Array<number>(most + 1).fill(0);
    for (const [from, row] of rows.entries()) {
      for (const [to, chance] of row.entries()) next[to] = (next[to] ?? 0) + (mass[from] ?? 0) * chance;
    }
    mass = next;
  }
  return unmerged;
}

/** row[to]: P(`from` branches at different nodes become `to` through one occupied slot). */
function mergeRow(nodes: number, wins: number, occupancy: number, from: number): number[] {
  const row = new Array<number>(from + 1).fill(0);
  for (let inside = 0; inside <= from; inside++) {
    for (let outside = 0; outside <= Math.min(nodes - from, MOST_WINNERS); outside++) {
      if (inside + outside === 0) continue;
      const chance = (binomialMass(from, wins, inside) * binomialMass(nodes - from, wins, outside)) / occupancy;
      if (chance < NEGLIGIBLE) continue;
      const hits = distinctHits(from - inside, outside, inside + outside);
      for (const [hit, share] of hits.entries()) {
        if (share > 0) row[inside + hit] = (row[inside + hit] ?? 0) + chance * share;
      }
    }
  }
  return row;
}

/** hits[d]: P(`balls` thrown at `boxes` boxes hit `d` different ones of the first `marked`). */
function distinctHits(balls: number, marked: number, boxes: number): number[] {
  let hits = new Array<number>(Math.min(balls, marked) + 1).fill(0);
  hits[0] = 1;
  for (let ball = 0; ball < balls; ball++) {
    hits = hits.map((stay, d) => (stay * (boxes - marked + d) + (hits[d - 1] ?? 0) * (marked - d + 1)) / boxes);
  }
  return hits;
}
