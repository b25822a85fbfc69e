/** The definition of the program whose command lines cli/ reads. */

import type { Description, Routes } from "./declaration.ts";

export interface Program<C> {
  /** The word that starts it. */
  readonly name: string;
  /** What a user can do about a bug in it. */
  readonly onBug: string;
  readonly routes: Routes<C>;
  /** Loads the briefs of first words, so that a list of them needs no declarations. A missing brief comes from the declaration. */
  readonly loadBriefs: () => Promise<Readonly<Record<string, string>>>;
  /** The topics of `help`, with their descriptions. The help of a group with the name of a topic includes the topic. */
  readonly topics: ReadonlyMap<string, string>;
  /** Loads the texts of the help. */
  readonly loadHelp: () => Promise<HelpTexts>;
  /** Loads other words that users may type. */
  readonly loadWords: () => Promise<OtherWords>;
}

export interface HelpTexts {
  readonly summary: string;
  /** All first words, grouped by purpose, each group with its title. */
  readonly groups: readonly (readonly [title: string, words: readonly string[]])[];
  readonly examples: Description["examples"];
  /** By the names of the topics. */
  readonly topics: Readonly<Record<string, TopicText>>;
  /** The last lines of the help of the program. */
  readonly learnMore: readonly string[];
  /** The last lines of the help of every command. */
  readonly ofCommands: readonly string[];
}

/** The content of a topic. */
export interface TopicText {
  /** A paragraph, or "". */
  readonly text: string;
  readonly title: string;
  readonly head: readonly [left: string, right: string];
  readonly rows: readonly (readonly [left: string, right: string])[];
  /** Whether the left column has words that are typed or read by programs, with commas between them. */
  readonly isCode: boolean;
  /** Fields for its help as JSON, instead of the rows. The help of the program has them too. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Loads the longer text that is printed instead, if there is one. */
  readonly loadWhole?: () => Promise<string | undefined>;
}

export interface OtherWords {
  /** Words of other programs, and their names here. The first one that exists in the group counts. */
  readonly synonyms: readonly (readonly [words: readonly string[], meant: readonly string[]])[];
  /** Groups in other programs of commands that are top-level here: `auth login`. */
  readonly wrappers: ReadonlySet<string>;
  /** The message for a first word that only another program has; undefined for all others. */
  readonly elsewhere: (
    word: string,
  ) => { readonly message: string; readonly hint: string } | undefined;
}
