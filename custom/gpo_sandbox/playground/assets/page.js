/* The page: asking, stopping, losing the connection and coming back. */
const $ = id => document.getElementById(id);
const pageId = crypto.randomUUID?.() ?? String(Math.random());
const conversations = new Conversations($("conversations"), $("no-history"), openConversation);
let asking = null;
// How long the service may stay away in the middle of an answer, in seconds; then somebody may ask again.
const PATIENCE_S = 30;

function tell(text) { $("status").textContent = text; }

function showLink(state, text) {
  $("link").dataset.state = state;
  $("link-text").textContent = text;
}

function showBusy(busy) {
  $("send").hidden = busy;
  $("stop").hidden = !busy;
  $("cut").disabled = !busy;
}

/* One answer over as many connections as it takes: EventSource comes back by itself, with the id of its last event. */
class Asking {
  constructor(turn, query) {
    this.turn = turn;
    this.lastId = "";
    this.lost = false;
    const asked = { query, conversation: conversations.current, page: pageId, ...($("slow").checked && { slow: "1" }) };
    this.events = new EventSource("/playground/ask?" + new URLSearchParams(asked));
    this.events.addEventListener("open", () => this.connected());
    this.events.addEventListener("error", () => this.disconnected());
    this.events.addEventListener("start", event => { this.lastId = event.lastEventId; });
    this.events.addEventListener("message", event => this.received(event));
    turn.begin();
    showLink("live", "connecting");
  }

  connected() {
    clearInterval(this.countdown);
    if (this.lost) {
      this.turn.resumed += 1;
      this.turn.say("");
      this.turn.showFacts();
      tell("Connected again, the answer continues.");
    }
    this.lost = false;
    showLink("live", this.turn.resumed ? "resumed" : "answering");
  }

  disconnected() {
    // It comes back by itself from everything but a refusal: a proxy without a service behind it, for example.
    if (this.events.readyState === EventSource.CLOSED) return this.finish("The service does not answer. Please try again.", true);
    if (this.lost) return undefined;
    this.lost = true;
    let seconds = PATIENCE_S;
    const say = () => {
      if (seconds === 0) return this.finish("The service cannot be reached. Please try again.", true);
      return this.turn.say(`Connection lost, coming back … (${seconds--} s)`);
    };
    this.countdown = setInterval(say, 1000);
    showLink("lost", "connection lost");
    tell("Connection lost.");
    return say();
  }

  received({ data, lastEventId }) {
    const message = JSON.parse(data);
    this.lastId = lastEventId;
    if (message.content) this.turn.add(message.content);
    if (message.sources) this.turn.cite(message.sources);
    if (message.error) this.finish(message.error, message.code !== "stopped");
    else if (message.is_complete) this.finish("");
  }

  stop() {
    post("stop", { id: this.lastId });
    this.finish("Stopped.");
  }

  finish(note, bad = false) {
    if (asking !== this) return;
    this.events.close();
    clearInterval(this.countdown);
    asking = null;
    this.turn.end();
    this.turn.say(note, bad);
    showBusy(false);
    showLink("idle", "ready");
    const count = this.turn.sources.length;
    tell(note || `The answer is complete, with ${count} ${count === 1 ? "source" : "sources"}.`);
    conversations.refresh();
  }
}

async function ask(query) {
  if (!query || asking) return;
  const turn = new Turn(query);
  $("welcome").hidden = true;
  $("log").append(turn.node);
  showBusy(true);
  tell("The answer is being written.");
  follow = true;
  try {
    if (!conversations.current) await conversations.start(query);
    asking = new Asking(turn, query);
  } catch (error) {
    showBusy(false);
    turn.say(error.message || "The service does not answer.", true);
  }
  scrollDown();
}

async function openConversation(id) {
  if (asking) asking.stop();
  try {
    const turns = await conversations.turns(id);
    showTurns(turns);
  } catch (error) {
    tell(error.message);
  }
  conversations.refresh();
  if (narrow.matches) toggleHistory(false);
}

function showTurns(turns) {
  for (const old of document.querySelectorAll(".turn")) old.remove();
  $("log").append(...turns.map(turn => turn.node));
  $("welcome").hidden = turns.length > 0;
  scrollDown();
}

/* The log follows the answer until somebody scrolls up to read. */
let follow = true;
function scrollDown() { if (follow) $("log").scrollTo({ top: $("log").scrollHeight, behavior: "instant" }); }
$("log").addEventListener("grown", scrollDown);
$("log").addEventListener("wheel", () => { follow = $("log").scrollHeight - $("log").scrollTop - $("log").clientHeight < 40; }, { passive: true });

function fit() {
  const box = $("question");
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight}px`;
}

$("question").addEventListener("input", fit);
$("question").addEventListener("keydown", event => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("form").requestSubmit();
});
$("form").addEventListener("submit", event => {
  event.preventDefault();
  if (asking || $("stop").hidden === false) return;
  const query = $("question").value.trim();
  if (!query) return;
  $("question").value = "";
  fit();
  ask(query);
});
$("examples").addEventListener("click", event => { if (event.target.tagName === "BUTTON") ask(event.target.textContent); });
$("stop").addEventListener("click", () => { asking?.stop(); $("question").focus(); });
$("cut").addEventListener("click", () => post("cut", { page: pageId }));
$("new").addEventListener("click", () => {
  if (asking) asking.stop();
  conversations.current = null;
  showTurns([]);
  conversations.refresh();
  $("question").focus();
});
document.addEventListener("keydown", event => {
  if (event.key !== "Escape") return;
  if (asking) asking.stop();
  else if (!$("history").hidden) toggleHistory(false);
});

function toggleHistory(open = $("history").hidden) {
  $("history").hidden = !open;
  $("history-toggle").setAttribute("aria-expanded", String(open));
}
$("history-toggle").addEventListener("click", () => toggleHistory());
const narrow = matchMedia("(max-width: 44rem)");
document.querySelector("main").addEventListener("click", () => { if (narrow.matches) toggleHistory(false); });

/* The theme is the system's until somebody chooses another. */
const dark = matchMedia("(prefers-color-scheme: dark)");
function showTheme() {
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage may be switched off */ }
  const theme = chosen ?? (dark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  $("theme-text").textContent = theme === "dark" ? "Use the light theme" : "Use the dark theme";
}
$("theme").addEventListener("click", () => {
  try { localStorage.setItem("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark"); } catch { /* as above */ }
  showTheme();
});
dark.addEventListener("change", showTheme);
showTheme();
conversations.refresh();
$("question").focus();
