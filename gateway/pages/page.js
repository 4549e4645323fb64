// The page of the interface: every operation with its fields, a request to send, the same as code, a search over all.
import { el, lazy, prose } from "./elements.js";
import { SAMPLES } from "./samples.js";
import { example, fieldNames, noteView, schemaView, typeText, useDocument } from "./schema.js";

const byId = id => document.getElementById(id);
const METHODS = ["get", "post", "put", "patch", "delete"];
const SHOWN_HEADERS = ["location", "retry-after", "idempotent-replayed", "x-request-id"];
const MOST_SHOWN = 200000;
let expires = 0;

function parameterTable(parameters) {
  const rows = parameters.filter(parameter => parameter.in !== "cookie").map(parameter => {
    const schema = parameter.schema || {};
    const input = el("input", { "data-in": parameter.in, "data-name": parameter.name, "aria-label": parameter.name, placeholder: parameter.required ? "required" : "" });
    return el("tr", {}, el("td", { class: "n" }, el("span", { class: "mono name" }, parameter.name), parameter.required ? el("span", { class: "req" }, " *") : "", el("div", { class: "note" }, parameter.in)),
      el("td", {}, el("span", { class: "type" }, typeText(schema)), " ", noteView(schema, parameter.description)),
      el("td", { class: "n" }, input));
  });
  return rows.length ? [el("h4", {}, "Parameters"), el("table", {}, el("tbody", {}, rows))] : [];
}

const contentOf = holder => Object.entries((holder || {}).content || {})[0] || [];

function bodyView(operation) {
  const [media, content] = contentOf(operation.requestBody);
  if (!media) return [];
  const schema = content.schema || {};
  return [el("h4", {}, "Body · " + media + (operation.requestBody.required ? "" : " (optional)")),
    el("div", { class: "schema", "data-body": true }, schemaView(schema)), el("h4", {}, "Body to send"),
    el("textarea", { "data-media": media, "aria-label": "Request body", spellcheck: "false" }, bodyText(media, example(schema)))];
}

function bodyText(media, sample) {
  if (media === "application/json") return JSON.stringify(sample, null, 2);
  if (media.includes("form-urlencoded")) return new URLSearchParams(sample).toString();
  return typeof sample === "string" ? sample : JSON.stringify(sample);
}

function responseView(operation) {
  return [el("h4", {}, "Answers"), Object.entries(operation.responses || {}).map(([status, response]) => {
    const [media, content] = contentOf(response);
    const line = [el("b", {}, status), " ", response.description || "", " ", el("span", { class: "note" }, media || "")];
    const schema = content && content.schema;
    return schema && Object.keys(schema).length ? lazy({}, line, () => el("div", { class: "schema" }, schemaView(schema))) : el("div", {}, line);
  })];
}

/** What the inputs of a card say: method, address, headers and body. */
function requestOf(operation, card) {
  const query = new URLSearchParams(), headers = {};
  let path = operation.path;
  for (const input of card.querySelectorAll("input[data-in]")) {
    const { in: place, name } = input.dataset, value = input.value.trim();
    if (!value) continue;
    if (place === "path") path = path.replace("{" + name + "}", encodeURIComponent(value));
    else if (place === "query") query.append(name, value);
    else headers[name] = value;
  }
  const area = card.querySelector("textarea[data-media]"), body = area && area.value.trim() ? area.value : undefined;
  if (body) headers["Content-Type"] = area.dataset.media;
  return { method: operation.method.toUpperCase(), url: path + (query.size ? "?" + query : ""), headers, body };
}

async function send(operation, card, output) {
  const { method, url, headers, body } = requestOf(operation, card), token = byId("token").value.trim();
  const empty = [...card.querySelectorAll("input[data-in=path]")].find(input => !input.value.trim());
  if (empty) { empty.focus(); return output.replaceChildren(el("p", { class: "status bad" }, "Say which " + empty.dataset.name + ".")); }
  if (token) headers.Authorization = "Bearer " + token;
  output.replaceChildren(el("p", { class: "note" }, "…"));
  const began = performance.now();
  try {
    const answer = await fetch(url, { method, headers, body }), text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON */ }
    const kept = SHOWN_HEADERS.filter(name => answer.headers.has(name)).map(name => name + ": " + answer.headers.get(name));
    output.replaceChildren(el("h4", {}, el("span", { class: "status " + (answer.ok ? "ok" : "bad") }, answer.status + " " + answer.statusText), " · " + Math.round(performance.now() - began) + " ms"),
      kept.length ? el("p", { class: "note mono" }, kept.join("   ")) : "", el("pre", { tabindex: "0" }, shown.slice(0, MOST_SHOWN) || "(no body)"));
  } catch (error) { output.replaceChildren(el("p", { class: "status bad" }, String(error))); }
}

/** Into the clipboard; where the page may not write there (plain HTTP), the text is at least selected. */
function copyText(node) {
  getSelection().selectAllChildren(node);
  if (navigator.clipboard) navigator.clipboard.writeText(node.textContent).catch(() => {});
}

function codeView(operation, card) {
  const language = el("select", { "aria-label": "Language" }, Object.keys(SAMPLES).map(name => el("option", {}, name)));
  const code = el("pre", { class: "code", tabindex: "0" });
  function renew() {
    const request = requestOf(operation, card), headers = operation.open ? request.headers : { Authorization: "Bearer $TOKEN", ...request.headers };
    code.textContent = SAMPLES[language.value]({ ...request, url: location.origin + request.url, headers });
  }
  language.addEventListener("change", renew);
  card.addEventListener("input", renew);
  const copy = el("button", { type: "button", class: "quiet", onclick: () => copyText(code) }, "Copy");
  const view = lazy({ class: "samples" }, "Code", () => el("div", {}, el("div", { class: "go" }, language, copy), code));
  view.addEventListener("toggle", renew);
  return view;
}

function cardBody(operation, card) {
  const output = el("div", { role: "status" });
  const button = el("button", { type: "button", onclick: () => send(operation, card, output) }, "Send");
  return el("div", { class: "body" }, prose(operation.description || "", "desc"), parameterTable(operation.parameters), bodyView(operation),
    el("div", { class: "go" }, button, el("span", { class: "note" }, operation.open ? "no token needed" : "with the token above")), output,
    codeView(operation, card), responseView(operation));
}

function operationView(operation) {
  const { method, path, roles, open } = operation;
  const chips = roles ? roles.map(role => el("span", { class: "chip" }, role)) : el("span", { class: open ? "chip open" : "chip" }, open ? "open" : "any role");
  const summary = [el("span", { class: "method" }, method.toUpperCase()),
    el("span", { class: "path" }, path.split(/(\{[^}]+\})/).map(part => part.startsWith("{") ? el("em", {}, part) : part)),
    el("span", { class: "sum" }, operation.summary || ""), el("span", { class: "roles" }, chips)];
  const card = lazy({ class: "op " + method, id: operation.operationId }, summary, () => cardBody(operation, card));
  operation.card = card;
  return card;
}

/** Every operation of the document with what the page needs of it, by tag. */
function operationsOf(api) {
  return Object.entries(api.paths).flatMap(([path, item]) => METHODS.filter(method => item[method]).map(method => {
    const operation = { ...item[method], method, path, roles: item[method]["x-roles"], open: !(item[method].security || []).length };
    operation.parameters = [...(item.parameters || []), ...(operation.parameters || [])];
    operation.tag = (operation.tags || ["other"])[0];
    const schemas = [operation.requestBody, ...Object.entries(operation.responses || {}).filter(([status]) => status !== "default").map(([, response]) => response)]
      .map(holder => (contentOf(holder)[1] || {}).schema).filter(Boolean);
    operation.words = [method, path, operation.summary, operation.description, ...(operation.roles || []),
      ...operation.parameters.map(parameter => parameter.name), ...schemas.flatMap(schema => fieldNames(schema))].join(" ").toLowerCase();
    return operation;
  }));
}

function render(api) {
  useDocument(api);
  const operations = operationsOf(api), names = [...new Set(operations.map(operation => operation.tag))].sort();
  const sections = names.map(name => el("section", {}, el("h2", { id: "tag-" + name }, name), operations.filter(operation => operation.tag === name).map(operationView)));
  byId("version").textContent = "API · version " + api.info.version;
  byId("tags").replaceChildren(...names.map(name => el("a", { href: "#tag-" + name }, name, el("i", {}, String(operations.filter(operation => operation.tag === name).length)))));
  byId("main").replaceChildren(...prose(api.info.description || "", "intro"), el("p", {}, el("a", { href: "/openapi.json" }, "openapi.json")),
    api["x-missing"] ? el("p", { class: "warn" }, "Not reachable at the moment: " + api["x-missing"].join(", ") + ". Reload later for the whole list.") : "", ...sections);
  byId("search").addEventListener("input", () => search(operations, sections));
  byId("search").addEventListener("keydown", event => openFirst(event, operations));
  follow();
  addEventListener("hashchange", follow);
}

function search(operations, sections) {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const operation of operations) operation.card.hidden = !words.every(word => operation.words.includes(word));
  for (const section of sections) section.hidden = !section.querySelector("details.op:not([hidden])");
  const shown = operations.filter(operation => !operation.card.hidden).length;
  byId("found").textContent = words.length ? `${shown} of ${operations.length} operations` : "";
}

function openFirst(event, operations) {
  const first = operations.map(operation => operation.card).find(card => !card.hidden);
  if (event.key !== "Enter" || !first) return;
  event.preventDefault(); // or the same key would close it again
  first.open = true;
  first.querySelector("summary").focus();
}

/** Opens what the address names behind `#`. */
function follow() {
  const at = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  if (at && at.tagName === "DETAILS") at.open = true;
  if (at) at.scrollIntoView();
}

function state(text, kind = "") { byId("state").textContent = text; byId("state").className = kind; }

async function login(event) {
  event.preventDefault();
  const form = new URLSearchParams({ grant_type: "client_credentials", client_id: byId("client").value.trim(), client_secret: byId("secret").value });
  try {
    const answer = await fetch("/oauth/token", { method: "POST", body: form }), data = await answer.json();
    if (!answer.ok) return state(data.error_description || data.title || data.error, "bad");
    byId("token").value = data.access_token;
    expires = Date.now() + data.expires_in * 1000;
    tick();
  } catch (error) { state(String(error), "bad"); }
}

function tick() {
  if (!expires) return;
  const left = Math.round((expires - Date.now()) / 1000);
  if (left > 0) return state("token valid for " + Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0"), "ok");
  state("token expired", "bad");
  expires = 0;
}

function focusSearch(event) {
  if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  event.preventDefault();
  byId("search").focus();
}

byId("login").addEventListener("submit", login);
byId("token").addEventListener("input", () => { expires = 0; state(byId("token").value ? "token pasted" : "no token", byId("token").value ? "ok" : ""); });
addEventListener("keydown", focusSearch);
setInterval(tick, 1000);
try {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error("openapi.json: " + answer.status);
  render(await answer.json());
} catch (error) { byId("main").replaceChildren(el("p", { class: "status bad" }, String(error))); }
