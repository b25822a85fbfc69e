/** Timing things against each other on a machine that does other things too. */

/** What it took to do something once. */
export interface Sample {
  readonly wallMs: number;
  /** Processor time, until everything that was started has ended; undefined where it is not known. */
  readonly cpuMs?: number | undefined;
}

/** Something that takes time. */
export interface Contestant {
  readonly name: string;
  /** The most memory that one of its processes has at a time; undefined where it is not known. */
  readonly peakBytes?: number | undefined;
  /** Does it once. */
  readonly run: () => Promise<Sample> | Sample;
}

/** What a command is compared with. */
export interface Rival extends Contestant {
  /** How many times as long as this the command may take; undefined where the rival is only there for comparison. */
  readonly target?: number;
}

export interface Race {
  readonly command: Contestant;
  readonly rivals: readonly Rival[];
}

/** What each contestant took, one sample per round. */
export type Samples = ReadonlyMap<Contestant, readonly Sample[]>;

/**
 * Times everybody once per round, the contestants of a race right after each other, and starts each round with others.
 * Rounds of warm-up come first and do not count.
 */
export async function run(
  races: readonly Race[],
  rounds: number,
  options: { readonly warmUp: number },
): Promise<Samples> {
  const samples = new Map<Contestant, Sample[]>();
  for (let round = 0; round < options.warmUp + rounds; round++) {
    const order = rotated(races, round).flatMap(({ command, rivals }) =>
      rotated([command, ...rivals], round)
    );
    for (const contestant of order) {
      const sample = await contestant.run();
      if (round < options.warmUp) continue;
      samples.set(contestant, [...samples.get(contestant) ?? [], sample]);
    }
  }
  return samples;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** The value below which this share of the numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low = NaN, high = low] = sorted.slice(Math.floor(place));
  return low + (high - low) * (place - Math.floor(place));
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}
