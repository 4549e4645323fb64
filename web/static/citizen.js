// What scripts add to the form: hints while writing, files sent as they are chosen, the place, the draft kept, the proof of work.
// Whatever of it fails is left out; the form goes on without.
const form = document.querySelector("#report");
const field = (name) => form.elements.namedItem(name);
const DRAFT = "otklik draft";
const WRITTEN = ["text", "address"];

for (const each of form.querySelectorAll(".scripted")) each.hidden = false;
form.querySelector("[data-map]").hidden = !form.dataset.tiles;
form.querySelector("[data-locate]").hidden = !navigator.geolocation;

// The draft: a lost line or a page closed by mistake loses no words. It lives as long as the tab.
function keepDraft() {
  try {
    sessionStorage.setItem(DRAFT, JSON.stringify(WRITTEN.map((name) => field(name).value)));
  } catch {}
}
function restoreDraft() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(DRAFT) || "[]");
    WRITTEN.forEach((name, place) => (field(name).value ||= kept[place] || ""));
  } catch {}
}

// Hints: a moment after the last letter; an answer that comes late is not shown over a newer one.
const [hints, topics] = ["#hints", "#topics"].map((name) => form.querySelector(name) || document.createElement("div"));
let timer, asked = 0, shown = "";
async function askHints() {
  const body = new URLSearchParams({ region: form.dataset.region, text: field("text").value.slice(0, 2000) });
  for (const name of ["address", "lat", "lon", "topic"]) body.set(name, field(name)?.value || "");
  if (body.toString() === shown) return;
  shown = body.toString();
  const mine = ++asked;
  try {
    const answer = await fetch("/report/hints", { method: "POST", body });
    const piece = answer.ok ? await answer.text() : "";
    if (mine === asked) showHints(piece);
  } catch {
    shown = "";
  }
}
// What has the focus is not taken away under it.
function showHints(piece) {
  const parts = document.createElement("template");
  parts.innerHTML = piece;
  for (const place of [hints, topics]) {
    const part = parts.content.querySelector(`[data-for=${place.id}]`);
    if (part && !place.contains(document.activeElement)) place.replaceChildren(...part.children);
  }
}
function laterHints() {
  clearTimeout(timer);
  timer = setTimeout(askHints, 700);
}
form.addEventListener("input", () => {
  keepDraft();
  laterHints();
});
topics.addEventListener("click", ({ target }) => {
  const { topic } = target.dataset;
  if (!topic) return;
  const select = field("topic");
  select.value = select.value === topic ? "" : topic;
  for (const chip of topics.querySelectorAll("[data-topic]")) chip.ariaPressed = String(chip.dataset.topic === select.value);
});
hints.addEventListener("click", async ({ target }) => {
  const { enough } = target.dataset;
  if (!enough) return;
  target.disabled = true;
  try {
    await fetch(`/report/enough/${enough}`, { method: "POST" });
    sessionStorage.removeItem(DRAFT);
  } catch {}
  form.reset();
  topics.replaceChildren();
  hints.innerHTML = "<p class='notice ok' role='status'>Спасибо, что посмотрели. Отправлять ничего не нужно.</p>";
  field("text").focus();
});

// The place: of the device, or a point on a map that is loaded only when it is asked for.
const place = form.querySelector("#place");
function setPlace(lat, lon, words) {
  field("lat").value = lat.toFixed(6);
  field("lon").value = lon.toFixed(6);
  place.textContent = words;
  laterHints();
}
form.querySelector("[data-locate]").addEventListener("click", () => {
  place.textContent = "Определяем…";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => setPlace(coords.latitude, coords.longitude, "Точка отмечена: там, где вы сейчас."),
    () => (place.textContent = "Не получилось определить место. Напишите адрес."),
    { enableHighAccuracy: true, timeout: 15000 },
  );
});
form.querySelector("[data-map]").addEventListener("click", async ({ target }) => {
  const { openPicker } = await import(target.dataset.map);
  openPicker(form.querySelector("#picker"), form.dataset, (lat, lon) => setPlace(lat, lon, "Точка отмечена на карте."));
});

// Files go ahead as they are chosen, so that sending the form takes a moment even on a slow line.
const photos = form.querySelector("#photos");
const chooser = field("photos");
let going = 0;
chooser.addEventListener("change", () => {
  const room = Number(form.dataset.most) - form.querySelectorAll("[name=files]").length - going;
  for (const file of [...chooser.files].slice(0, Math.max(room, 0))) sendFile(file);
  chooser.value = "";
});
// Drawn here, as large as it is shown; what the browser cannot draw has no picture.
async function showSmall(file, picture) {
  try {
    const image = await createImageBitmap(file);
    const side = Math.min(image.width, image.height);
    picture.width = picture.height = 112;
    picture.getContext("2d").drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, 112, 112);
    image.close();
  } catch {
    picture.remove();
  }
}
// Where not the pages themselves refuse, but what stands before them.
const REFUSALS = {
  413: "Не отправлен: он больше 10 МБ.",
  429: "Не отправлен: слишком много запросов подряд. Подождите минуту и выберите его ещё раз.",
  503: "Не отправлен: система сейчас недоступна. Подождите немного и выберите его ещё раз.",
};
async function sendFile(file) {
  const item = document.createElement("li");
  const picture = document.createElement("canvas");
  showSmall(file, picture);
  const name = document.createElement("span");
  name.textContent = `${file.name} – отправляется…`;
  const remove = document.createElement("button");
  remove.type = "button";
  remove.textContent = "Убрать";
  remove.addEventListener("click", () => {
    item.remove();
    chooser.focus();
  });
  item.append(picture, name, remove);
  photos.append(item);
  going++;
  try {
    const body = new FormData();
    body.set("form_token", form.dataset.token);
    body.set("photo", file);
    const answer = await fetch("/report/files", { method: "POST", body });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok || !said.id) throw new Error(said.fault || REFUSALS[answer.status] || "Не отправлен. Выберите его ещё раз.");
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: "files", value: said.id });
    item.append(kept);
    name.textContent = file.name;
  } catch (error) {
    const words = error instanceof TypeError ? "Не отправлен: связь прервалась. Выберите его ещё раз." : error.message;
    name.textContent = `${file.name}. ${words}`;
    name.className = "fault";
  }
  going--;
}

// Sending waits for files that are under way, and says so.
form.addEventListener("submit", (event) => {
  if (!going) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = event.submitter;
  button.textContent = "Ждём файлы…";
  button.ariaBusy = "true";
  const waiting = setInterval(() => {
    if (going) return;
    clearInterval(waiting);
    button.textContent = "Отправить";
    button.removeAttribute("aria-busy");
    form.requestSubmit(button);
  }, 200);
}, { capture: true });

restoreDraft();
if (field("text").value) laterHints();
const { findProof } = await import(form.dataset.work);
field("proof").value = await findProof(form.dataset.token, Number(form.dataset.bits));
