// The page of the interface: every operation by its tag, a search over all, and the token to send with.
import { contentOf, operationView } from "./cards.js";
import { el, lazy, prose } from "./elements.js";
import { fieldNames, schemaView, useDocument } from "./schema.js";

const byId = id => document.getElementById(id);
const METHODS = ["get", "post", "put", "patch", "delete"];
let expires = 0,
  schemas = {};

const tokenOf = () => byId("token").value.trim();

/** Every operation of the document with what the page needs of it. */
function operationsOf(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter(method => item[method]).map(method => {
      const operation = { ...item[method], method, path, roles: item[method]["x-roles"] };
      operation.open = !(operation.security || []).length;
      operation.parameters = [...(item.parameters || []), ...(operation.parameters || [])];
      operation.tag = (operation.tags || ["other"])[0];
      operation.words = wordsOf(operation).join(" ").toLowerCase();
      return operation;
    }),
  );
}

/** What an operation is found by: its path and description, who may, and the names of all it takes and answers. */
function wordsOf(operation) {
  const { method, path, summary, description, roles, parameters, requestBody, responses } = operation;
  const answers = Object.entries(responses || {}).filter(([status]) => status !== "default");
  const schemas = [requestBody, ...answers.map(([, answer]) => answer)].map(
    holder => (contentOf(holder)[1] || {}).schema,
  );
  const fields = schemas.filter(Boolean).flatMap(schema => fieldNames(schema));
  return [method, path, summary, description, ...(roles || []), ...parameters.map(one => one.name), ...fields];
}

function render(api) {
  useDocument(api);
  schemas = api.components.schemas;
  const operations = operationsOf(api),
    tags = new Map((api.tags || []).map(tag => [tag.name, tag.description])),
    used = new Set(operations.map(operation => operation.tag)),
    names = [...new Set([...tags.keys(), ...used])].filter(name => used.has(name));
  const sections = names.map(name =>
    el(
      "section",
      {},
      el("h2", { id: "tag-" + name }, name),
      tags.get(name) ? el("p", { class: "note" }, tags.get(name)) : "",
      operations.filter(operation => operation.tag === name).map(operation => operationView(operation, tokenOf)),
    ),
  );
  byId("version").textContent = "API · version " + api.info.version;
  byId("tags").replaceChildren(
    ...names.map(name =>
      el(
        "a",
        { href: "#tag-" + name },
        name,
        el("i", {}, String(operations.filter(operation => operation.tag === name).length)),
      ),
    ),
  );
  byId("main").replaceChildren(
    ...prose(api.info.description || "", "intro"),
    el("p", {}, el("a", { href: "/openapi.json" }, "openapi.json")),
    api["x-missing"]
      ? el(
          "p",
          { class: "warn" },
          "Not reachable at the moment: " + api["x-missing"].join(", ") + ". Reload later for the whole list.",
        )
      : "",
    ...sections,
  );
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

/** The list of schemas, made when it is asked for. */
function showSchemas() {
  if (byId("schemas") || location.hash !== "#schemas") return;
  const views = Object.keys(schemas).map(name =>
    lazy({ class: "schema" }, el("span", { class: "mono" }, name), () =>
      el("div", {}, prose(schemas[name].description || "", "desc"), schemaView({ $ref: "#/components/schemas/" + name })),
    ),
  );
  byId("main").append(el("section", {}, el("h2", { id: "schemas" }, "Schemas"), views));
}

/** Opens what the address names behind `#`. */
function follow() {
  showSchemas();
  const at = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
  if (at && at.tagName === "DETAILS") at.open = true;
  if (at) at.scrollIntoView();
}

function state(text, kind = "") {
  byId("state").textContent = text;
  byId("state").className = kind;
}

async function login(event) {
  event.preventDefault();
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: byId("client").value.trim(),
    client_secret: byId("secret").value,
  });
  try {
    const answer = await fetch("/oauth/token", { method: "POST", body: form }),
      data = await answer.json();
    if (!answer.ok) return state(data.error_description || data.title || data.error, "bad");
    byId("token").value = data.access_token;
    expires = Date.now() + data.expires_in * 1000;
    tick();
  } catch (error) {
    state(String(error), "bad");
  }
}

function tick() {
  if (!expires) return;
  const left = Math.round((expires - Date.now()) / 1000);
  if (left > 0)
    return state("token valid for " + Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0"), "ok");
  state("token expired", "bad");
  expires = 0;
}

function focusSearch(event) {
  if (event.key !== "/" || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  event.preventDefault();
  byId("search").focus();
}

byId("login").addEventListener("submit", login);
byId("token").addEventListener("input", () => {
  expires = 0;
  state(byId("token").value ? "token pasted" : "no token", byId("token").value ? "ok" : "");
});
addEventListener("keydown", focusSearch);
setInterval(tick, 1000);
try {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error("openapi.json: " + answer.status);
  render(await answer.json());
} catch (error) {
  byId("main").replaceChildren(el("p", { class: "status bad" }, String(error)));
}
