/** Compares the times of contestants on a machine with other load. */

/** One measurement. */
export interface Sample {
  readonly wallMs: number;
  /** CPU time until everything that was started has exited; undefined if unknown. */
  readonly cpuMs?: number | undefined;
}

/** Something to measure. */
export interface Contestant {
  readonly name: string;
  /** The peak memory of its largest process; undefined if unknown. */
  readonly peakBytes?: number | undefined;
  /** Runs it once. */
  readonly run: () => Promise<Sample> | Sample;
}

/** A contestant to compare a command with. */
export interface Rival extends Contestant {
  /** The maximum ratio of the command to this rival; undefined without a target. */
  readonly target?: number;
}

export interface Race {
  readonly command: Contestant;
  readonly rivals: readonly Rival[];
}

/** The samples of each contestant, one per round. */
export type Samples = ReadonlyMap<Contestant, readonly Sample[]>;

/** The number of rounds with the same copies of the programs. */
const COPY_ROUNDS = 10;

/**
 * Runs every contestant once per round, the contestants of a race directly after each other, in an order that rotates with
 * each round.
 *
 * @param options.renew replaces the programs by copies of them. How the system caches a file differs from copy to copy, and
 * with it the start-up time, by up to 10 %.
 * @param options.warmUp the number of rounds with new copies that do not count.
 */
export async function run(
  races: readonly Race[],
  rounds: number,
  options: { readonly warmUp: number; readonly renew: () => Promise<void> },
): Promise<Samples> {
  const samples = new Map<Contestant, Sample[]>();
  const runOnce = async (round: number, isCounted: boolean) => {
    const order = rotated(races, round).flatMap(({ command, rivals }) =>
      rotated([command, ...rivals], round)
    );
    for (const contestant of order) {
      const sample = await contestant.run();
      if (isCounted) samples.set(contestant, [...samples.get(contestant) ?? [], sample]);
    }
  };
  for (let round = 0; round < rounds; round++) {
    if (round % COPY_ROUNDS === 0) {
      await options.renew();
      for (let warmUp = 0; warmUp < options.warmUp; warmUp++) await runOnce(round, false);
    }
    await runOnce(round, true);
  }
  return samples;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** The value below which this share of the numbers lies, interpolated. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const [low = NaN, high = low] = sorted.slice(Math.floor(position));
  return low + (high - low) * (position - Math.floor(position));
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}
