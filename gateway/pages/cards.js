// One operation as a card: what it takes and answers, a request to send, the same request as code.
import { el, lazy, prose } from "./elements.js";
import { SAMPLES } from "./samples.js";
import { example, noteView, schemaView, typeText } from "./schema.js";

const SHOWN_HEADERS = ["location", "retry-after", "idempotent-replayed", "x-request-id"];
const MOST_SHOWN = 200000;

function parameterTable(parameters) {
  const rows = parameters
    .filter(parameter => parameter.in !== "cookie")
    .map(parameter => {
      const schema = parameter.schema || {};
      const input = el("input", {
        "data-in": parameter.in,
        "data-name": parameter.name,
        "aria-label": parameter.name,
        placeholder: parameter.required ? "required" : "",
      });
      return el(
        "tr",
        {},
        el(
          "td",
          { class: "n" },
          el("span", { class: "mono name" }, parameter.name),
          parameter.required ? el("span", { class: "req" }, " *") : "",
          el("div", { class: "note" }, parameter.in),
        ),
        el("td", {}, el("span", { class: "type" }, typeText(schema)), " ", noteView(schema, parameter.description)),
        el("td", { class: "n" }, input),
      );
    });
  return rows.length ? [el("h4", {}, "Parameters"), el("table", {}, el("tbody", {}, rows))] : [];
}

/** Media type and content of a body or an answer: the first there is. */
export const contentOf = holder => Object.entries((holder || {}).content || {})[0] || [];

function bodyView(operation) {
  const [media, content] = contentOf(operation.requestBody);
  if (!media) return [];
  const schema = content.schema || {};
  return [
    el("h4", {}, "Body · " + media + (operation.requestBody.required ? "" : " (optional)")),
    el("div", { class: "schema", "data-body": true }, schemaView(schema)),
    el("h4", {}, "Body to send"),
    el(
      "textarea",
      { "data-media": media, "aria-label": "Request body", spellcheck: "false" },
      bodyText(media, content.example === undefined ? example(schema) : content.example),
    ),
  ];
}

function bodyText(media, sample) {
  if (media === "application/json") return JSON.stringify(sample, null, 2);
  if (media.includes("form-urlencoded")) return new URLSearchParams(sample).toString();
  return typeof sample === "string" ? sample : JSON.stringify(sample);
}

function responseView(operation) {
  return [
    el("h4", {}, "Answers"),
    Object.entries(operation.responses || {}).map(([status, response]) => {
      const [media, content] = contentOf(response);
      const line = [
        el("b", {}, status),
        " ",
        response.description || "",
        " ",
        el("span", { class: "note" }, media || ""),
      ];
      const schema = content && content.schema;
      return schema && Object.keys(schema).length
        ? lazy({}, line, () => el("div", { class: "schema" }, schemaView(schema)))
        : el("div", {}, line);
    }),
  ];
}

/** What the inputs of a card say: method, address, headers and body. */
function requestOf(operation, card) {
  const query = new URLSearchParams(),
    headers = {};
  let path = operation.path;
  for (const input of card.querySelectorAll("input[data-in]")) {
    const { in: place, name } = input.dataset,
      value = input.value.trim();
    if (!value) continue;
    if (place === "path") path = path.replace("{" + name + "}", encodeURIComponent(value));
    else if (place === "query") query.append(name, value);
    else headers[name] = value;
  }
  const area = card.querySelector("textarea[data-media]"),
    body = area && area.value.trim() ? area.value : undefined;
  if (body) headers["Content-Type"] = area.dataset.media;
  return { method: operation.method.toUpperCase(), url: path + (query.size ? "?" + query : ""), headers, body };
}

async function send(operation, card, output, token) {
  const { method, url, headers, body } = requestOf(operation, card);
  const empty = [...card.querySelectorAll("input[data-in=path]")].find(input => !input.value.trim());
  if (empty) {
    empty.focus();
    return output.replaceChildren(el("p", { class: "status bad" }, "Say which " + empty.dataset.name + "."));
  }
  if (token) headers.Authorization = "Bearer " + token;
  output.replaceChildren(el("p", { class: "note" }, "…"));
  const began = performance.now();
  try {
    const answer = await fetch(url, { method, headers, body }),
      text = await answer.text();
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      /* not JSON */
    }
    const kept = SHOWN_HEADERS.filter(name => answer.headers.has(name)).map(
      name => name + ": " + answer.headers.get(name),
    );
    output.replaceChildren(
      el(
        "h4",
        {},
        el("span", { class: "status " + (answer.ok ? "ok" : "bad") }, answer.status + " " + answer.statusText),
        " · " + Math.round(performance.now() - began) + " ms",
      ),
      kept.length ? el("p", { class: "note mono" }, kept.join("   ")) : "",
      el("pre", { tabindex: "0" }, shown.slice(0, MOST_SHOWN) || "(no body)"),
    );
  } catch (error) {
    output.replaceChildren(el("p", { class: "status bad" }, String(error)));
  }
}

/** Into the clipboard; where the page may not write there (plain HTTP), the text is at least selected. */
function copyText(node) {
  getSelection().selectAllChildren(node);
  if (navigator.clipboard) navigator.clipboard.writeText(node.textContent).catch(() => {});
}

function codeView(operation, card) {
  const language = el(
    "select",
    { "aria-label": "Language" },
    Object.keys(SAMPLES).map(name => el("option", {}, name)),
  );
  const code = el("pre", { class: "code", tabindex: "0" });
  function renew() {
    const request = requestOf(operation, card),
      headers = operation.open ? request.headers : { Authorization: "Bearer $TOKEN", ...request.headers };
    code.textContent = SAMPLES[language.value]({ ...request, url: location.origin + request.url, headers });
  }
  language.addEventListener("change", renew);
  card.addEventListener("input", renew);
  const copy = el("button", { type: "button", class: "quiet", onclick: () => copyText(code) }, "Copy");
  const view = lazy({ class: "samples" }, "Code", () =>
    el("div", {}, el("div", { class: "go" }, language, copy), code),
  );
  view.addEventListener("toggle", renew);
  return view;
}

function cardBody(operation, card, tokenOf) {
  const output = el("div", { role: "status" });
  const button = el("button", { type: "button", onclick: () => send(operation, card, output, tokenOf()) }, "Send");
  return el(
    "div",
    { class: "body" },
    prose(operation.description || "", "desc"),
    parameterTable(operation.parameters),
    bodyView(operation),
    el(
      "div",
      { class: "go" },
      button,
      el("span", { class: "note" }, operation.open ? "no token needed" : "with the token above"),
    ),
    output,
    codeView(operation, card),
    responseView(operation),
  );
}

/** The card; what is in it is made when it is opened. `tokenOf()`: the token to send with. */
export function operationView(operation, tokenOf) {
  const { method, path, roles, open } = operation;
  const chips = roles
    ? roles.map(role => el("span", { class: "chip" }, role))
    : el("span", { class: open ? "chip open" : "chip" }, open ? "open" : "any role");
  const summary = [
    el("span", { class: "method" }, method.toUpperCase()),
    el(
      "span",
      { class: "path" },
      path.split(/(\{[^}]+\})/).map(part => (part.startsWith("{") ? el("em", {}, part) : part)),
    ),
    el("span", { class: "sum" }, operation.summary || ""),
    el("span", { class: "roles" }, chips),
  ];
  const card = lazy({ class: "op " + method, id: operation.operationId }, summary, () =>
    cardBody(operation, card, tokenOf),
  );
  operation.card = card;
  return card;
}
