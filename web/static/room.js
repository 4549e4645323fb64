// Keeps an open screen of the room up to date: the stream says that something has happened, the figures are then fetched anew.
// Whoever reads or writes in them is not disturbed, and everything that moves by itself can be paused.

const room = document.querySelector("[data-room]");
const live = document.getElementById("live");
const pause = room.querySelector("[data-pause]");
const state = room.querySelector("[data-state]");
const TOGETHER = 700; // milliseconds: several events are one renewal
let paused = false;
let waiting = 0;
let fetching = false;
let isNew = false;

function say(words) {
  if (state.textContent !== words) state.textContent = words;
}

function show() {
  say(paused ? (isNew ? "На паузе, есть новые данные" : "На паузе") : "Обновляется само");
}

// A form that has been begun stays as it is.
function isBusy() {
  const active = document.activeElement;
  return live.contains(active) && active.matches("input:not([type=hidden]), textarea, select");
}

function keyOf(element) {
  return element && live.contains(element) ? element.getAttribute("aria-label") || element.getAttribute("href") || element.textContent.trim() : "";
}

function replace(html) {
  const focused = keyOf(document.activeElement);
  const opened = [...live.querySelectorAll("details")].map((each) => each.open);
  const scrolled = [...live.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
  const page = new DOMParser().parseFromString(html, "text/html");
  live.replaceChildren(...page.body.childNodes);
  live.querySelectorAll("details").forEach((each, at) => { each.open = opened[at] ?? false; });
  live.querySelectorAll(".scroll").forEach((each, at) => { each.scrollLeft = scrolled[at] ?? 0; });
  if (focused) {
    const again = [...live.querySelectorAll("a, button, summary, [tabindex]")].find((each) => keyOf(each) === focused);
    again?.focus({ preventScroll: true });
  }
}

async function renew() {
  waiting = 0;
  if (paused || isBusy()) return;
  if (fetching) return soon();
  fetching = true;
  try {
    const answer = await fetch(room.dataset.source, { headers: { "HX-Request": "true" } });
    if (answer.ok && answer.headers.get("HX-Refresh")) return location.reload();
    const html = await answer.text();
    if (answer.ok && !paused && !isBusy()) {
      replace(html);
      isNew = false;
      show();
    }
  } catch {
    say("Нет связи, обновится позже");
  } finally {
    fetching = false;
  }
}

function soon() {
  isNew = true;
  show();
  if (!paused && !waiting) waiting = setTimeout(renew, TOGETHER);
}

function listen() {
  const stream = new EventSource(`/room/stream?region=${room.dataset.region}`);
  for (const kind of ["figures", "problem", "breach", "reset"]) stream.addEventListener(kind, soon);
  stream.addEventListener("open", show);
  stream.addEventListener("error", () => {
    say(stream.readyState === EventSource.CLOSED ? "Обновление остановлено. Откройте страницу заново" : "Нет связи, обновится позже");
  });
  addEventListener("pagehide", () => stream.close());
}

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Продолжить обновление" : "Остановить обновление";
  show();
  if (!paused && isNew) soon();
});
live.addEventListener("focusout", () => { if (isNew && !waiting) soon(); });

const print = room.querySelector("[data-print]");
if (print) {
  print.hidden = false;
  print.addEventListener("click", () => window.print());
}
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
listen();
