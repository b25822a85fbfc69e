/** The pages of tool calls: past calls with their steps, and scheduled calls. */

import { html } from "hono/html";
import type { ScheduledCallResponse } from "../../contract/scheduled.ts";
import type { CallRecord, Step, StepName } from "../calls/records.ts";
import {
  breadcrumbs,
  dashboardLayout,
  type Html,
  named,
  projectPath,
  table,
  timeMark,
} from "./layout.ts";

export const CALLS_PAGE = "/calls";

/** The path of the page of a call. */
export function callPath(executionId: string): string {
  return `${CALLS_PAGE}/${executionId}`;
}

export function callsPage(
  records: readonly CallRecord[],
  scheduled: readonly ScheduledCallResponse[],
): Html {
  const content = html`
    <h1>Calls</h1>
    <p class="quiet">
      Tool calls since the local Arcade started; times are in UTC. Values are not shown.
      <a href="${CALLS_PAGE}">Refresh</a>
    </p>
    <div class="card">
      ${records.length === 0
        ? html`<p class="quiet">No calls yet. Call a tool on the page of its server, or with
          <code>arcade tool call</code>.</p>`
        : callTable(records)}
    </div>
    ${scheduled.length === 0 ? "" : html`<div class="card">${scheduledTable(scheduled)}</div>`}
  `;
  return dashboardLayout("Calls", CALLS_PAGE, content);
}

/** A table of calls. */
export function callTable(
  records: readonly CallRecord[],
  caption: Html = html`Newest calls`,
): Html {
  return table(records, {
    caption,
    headings: ["Time", "Tool", "User", "Result", "Took"],
    noun: "call",
    row: (record) =>
      html`
        <tr>
          <td>${timeMark(record.startedAt.toISOString())}</td>
          <th scope="row"><a href="${callPath(record.executionId)}">${named(record.tool)}</a></th>
          <td>${record.userId === undefined ? "" : named(record.userId)}</td>
          <td>${resultMark(record)}</td>
          <td>${duration(record.steps)}</td>
        </tr>
      `,
  });
}

function scheduledTable(calls: readonly ScheduledCallResponse[]): Html {
  return table(calls, {
    caption: html`Scheduled calls`,
    headings: ["Time", "Tool", "User", "State"],
    noun: "call",
    row: ({ run_at, toolkit_name, tool_name, user_id, execution_status }) =>
      html`
        <tr>
          <td>${timeMark(run_at)}</td>
          <th scope="row">${named(`${toolkit_name}.${tool_name}`)}</th>
          <td>${user_id === undefined ? "" : named(user_id)}</td>
          <td><span class="mark ${MARKS[execution_status]}">${execution_status}</span></td>
        </tr>
      `,
  });
}

const MARKS = { pending: "", running: "", completed: "good", failed: "bad" };

/**
 * @param options.project the name of its project; undefined if that was removed.
 * @param options.repeatPath the page of its server, where it can be repeated; undefined if it cannot.
 */
export function callPage(
  record: CallRecord,
  { project, repeatPath }: {
    readonly project: string | undefined;
    readonly repeatPath: string | undefined;
  },
): Html {
  const { executionId, tool, userId, inputs, startedAt, outcome } = record;
  const content = html`
    ${breadcrumbs([[CALLS_PAGE, "Calls"]])}
    <h1>${named(tool)} ${resultMark(record)}</h1>
    <p class="id">${executionId}</p>
    <p class="quiet">
      Called at ${timeMark(startedAt.toISOString())}${userId === undefined ? "" : html`
        for ${named(userId)}
      `}${project === undefined ? "" : html`
        in <a href="${projectPath(record.projectId)}">${named(project)}</a>
      `}
    </p>
    <p class="quiet">
      Inputs, without their values: ${inputs.length === 0 ? "none" : inputs.map((name) =>
        html`
          <code>${name}</code>
        `
      )}
    </p>
    ${outcome?.code === undefined
      ? ""
      : html`<p class="note problem" role="alert">It failed with <code>${outcome.code}</code></p>`}
    <div class="card">${stepTable(record)}</div>
    ${repeatPath === undefined
      ? ""
      : html`<p><a href="${repeatPath}">Repeat it on the page of its server</a></p>`}
  `;
  return dashboardLayout(tool, CALLS_PAGE, content);
}

/** The steps of a call with their times. */
export function stepTable({ steps, current, outcome }: CallRecord): Html {
  const failed = outcome?.success === false ? steps.at(-1) : undefined;
  const rows = [...steps, ...(current === undefined ? [] : [{ name: current }])];
  const total = Math.max(0.1, ...steps.map(({ after, duration }) => after + duration));
  return table(rows, {
    caption: html`Steps`,
    headings: ["Step", "Result", { number: "After" }, { number: "Took" }, "Timeline"],
    noun: "step",
    row: (step) => {
      const heading = html`<th scope="row">${STEPS[step.name]}</th>`;
      if (!("duration" in step)) {
        return html`<tr>${heading}<td><span class="quiet">running</span></td></tr>`;
      }
      const { after, duration } = step;
      return html`
        <tr>
          ${heading}
          <td>${step === failed
            ? html`<span class="bad">ended the call</span>`
            : html`<span class="good">done</span>`}</td>
          <td class="number" data-label="after">${milliseconds(after)}</td>
          <td class="number" data-label="took">${milliseconds(duration)}</td>
          <td>${timeBar(after / total, duration / total)}</td>
        </tr>
      `;
    },
  });
}

/** The position of a step in the duration of its call. */
function timeBar(start: number, part: number): Html {
  const width = Math.max(1, part * 100);
  return html`
    <svg class="time-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      <rect width="100" height="4" class="all" />
      <rect x="${Math.min(99, start * 100).toFixed(1)}" width="${width.toFixed(1)}" height="4" />
    </svg>
  `;
}

const STEPS: Readonly<Record<StepName, string>> = {
  find: "Find the tool",
  grant: "Check the grant",
  secrets: "Read the secrets",
  input: "Check the input",
  worker: "Ask the server",
};

/** The result of a call in a word. */
export function resultMark({ outcome }: Pick<CallRecord, "outcome">): Html {
  if (outcome === undefined) return html`<span class="mark">running</span>`;
  return outcome.success
    ? html`<span class="mark good">completed</span>`
    : html`<span class="mark bad">failed</span>`;
}

/** How long steps took together. */
export function duration(steps: readonly Step[]): string {
  return milliseconds(steps.reduce((sum, step) => sum + step.duration, 0));
}

function milliseconds(duration: number): string {
  return `${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms`;
}
