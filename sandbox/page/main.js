/** Starts the page: reads whom to play with, and lets them all in. */

import { Person } from "./chat/person.js";
import { App } from "./view/app.js";

const CONFIG = "page-config.json";

async function readConfig() {
  const answer = await fetch(CONFIG);
  const text = await answer.text();
  return { text, config: JSON.parse(text) };
}

function say(text) {
  document.getElementById("starting").textContent = text;
}

/** A server that was started anew may have other people and another board. */
async function reloadIfChanged(before) {
  const { text } = await readConfig().catch(() => ({ text: before }));
  if (text !== before) location.reload();
}

async function start() {
  let read;
  try {
    read = await readConfig();
  } catch {
    say("The server does not answer. This page tries again by itself.");
    setTimeout(start, 2_000);
    return;
  }
  const { text, config } = read;
  if (!config.people?.length) {
    say("This server was started without people to play. Start it with: python -m bot sandbox");
    return;
  }
  const url = new URL("websocket", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const people = config.people.map((who, number) => new Person(who, { address: `10.0.0.${number + 1}`, url: url.href }));
  new App(config, people);
  people[0].addEventListener("reconnect", () => reloadIfChanged(text));
  for (const person of people) person.run();
}

start();
