/** The page of the telemetry events that have arrived. */

import { html } from "hono/html";
import type { Shown } from "../model/events.ts";
import { dashboardLayout, type Html, timeMark } from "./layout.ts";

export function eventsPage(events: readonly Shown[], url: string): Html {
  const content = html`
    <h1>Events</h1>
    <p class="quiet">Latest telemetry events; times are in UTC. They never leave this machine.</p>
    ${events.length === 0 ? noEvents(url) : eventTable(events)}
  `;
  return dashboardLayout("Events", "/events", content);
}

function noEvents(url: string): Html {
  return html`
    <div class="card">
      <h2>No telemetry events yet</h2>
      <p>Send the command line's telemetry here, and run any command:</p>
      <pre class="whole">${`export ARCADE_POSTHOG_HOST=${url} ARCADE_POSTHOG_KEY=local\narcade whoami`}</pre>
    </div>
  `;
}

function eventTable(events: readonly Shown[]): Html {
  return html`
    <div class="card">
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Event</th>
            <th scope="col">Command</th>
            <th scope="col">Distinct id</th>
            <th scope="col">Person</th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
        ${events.map(eventRow)}
      </tbody>
      </table>
    </div>
  `;
}

function eventRow({ received_at, event, command, distinct_id, isAnonymous, reason }: Shown): Html {
  return html`
    <tr>
      <td>${timeMark(received_at)}</td>
      <th scope="row">${event}</th>
      <td>${command === undefined ? "" : html`<code>${command}</code>`}</td>
      <td><code>${distinct_id}</code></td>
      <td>${isAnonymous ? "anonymous" : "identified"}</td>
      <td>${reason === null
        ? html`<span class="good">accepted</span>`
        : html`<strong class="bad">refused: ${reason}</strong>`}</td>
    </tr>
  `;
}
