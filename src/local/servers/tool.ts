/** The tools of a server, as it lists them and as the engine lists them. */

import * as v from "valibot";

/** A tool as `GET /worker/tools` of a server lists it (docs/contracts.md, Project servers). */
const WorkerTool = v.looseObject({
  name: v.string(),
  toolkit: v.looseObject({ name: v.string(), version: v.nullish(v.string()) }),
  description: v.nullish(v.string()),
  input: v.nullish(v.looseObject({ parameters: v.nullish(v.array(v.looseObject({}))) })),
  output: v.nullish(v.looseObject({})),
  requirements: v.nullish(v.looseObject({
    authorization: v.nullish(v.looseObject({ provider_id: v.nullish(v.string()) })),
    secrets: v.nullish(v.array(v.looseObject({ key: v.string() }))),
  })),
});

export const Tool = v.pipe(
  WorkerTool,
  v.transform((tool) => {
    const { name, toolkit } = tool;
    const qualifiedName = `${toolkit.name}.${name}`;
    return {
      ...tool,
      qualified_name: qualifiedName,
      fully_qualified_name: toolkit.version ? `${qualifiedName}@${toolkit.version}` : qualifiedName,
      // The Python CLI does not show a tool that lacks one of these.
      description: tool.description ?? "",
      input: {
        ...tool.input,
        parameters: (tool.input?.parameters ?? []).map((one) => ({ inferrable: true, ...one })),
      },
      output: tool.output ?? {},
      requirements: tool.requirements ?? {},
    };
  }),
);
/** A tool as `GET SCOPE/tools` of the engine lists it. */
export type Tool = v.InferOutput<typeof Tool>;

/** Whether a tool has a name such as `Math.Add` or `Math.Add@1.0.0`, in any case. */
export function isCalled(tool: Tool, name: string): boolean {
  const names = [tool.qualified_name, tool.fully_qualified_name];
  return names.some((one) => one.toLowerCase() === name.toLowerCase());
}

/** The keys of the secrets that a tool needs. */
export function secretKeysOf({ requirements }: Tool): string[] {
  return (requirements.secrets ?? []).map(({ key }) => key).filter((key) => key !== "");
}
