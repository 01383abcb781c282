// Making elements. What a schema says goes into the page as text and never as markup.

const byId = (id) => document.getElementById(id);

/** Children without those that are not to be there. */
const present = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");

/** An element with attributes and children; what is null, undefined or false is left out. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...present(children));
  return element;
}

/** Text in which backticks mark names. */
function prose(text) {
  return text.split("`").map((piece, at) => (at % 2 ? make("code", {}, piece) : piece));
}

/** Text with each of `terms` marked where it occurs, case aside. */
function marked(text, terms) {
  const lower = text.toLowerCase();
  const hits = terms
    .flatMap((term) => {
      const at = lower.indexOf(term);
      return at < 0 ? [] : [[at, at + term.length]];
    })
    .sort(([one], [other]) => one - other);
  const pieces = [];
  let done = 0;
  for (const [start, end] of hits) {
    if (start < done) continue;
    pieces.push(text.slice(done, start), make("mark", {}, text.slice(start, end)));
    done = end;
  }
  return [...pieces, text.slice(done)];
}

/** A link to a state of the page. */
function linkTo(state, attributes, ...children) {
  return make("a", { ...attributes, href: address(state) }, ...children);
}

/** A type as schemas write it, with a link to its definition if it has one. */
function typeLink(state, type) {
  const name = type.replace(/^\[(.*)\]$/, "$1");
  if (!itemAt.has(name)) return make("code", {}, type);
  const link = linkTo({ ...state, item: name }, {}, name);
  return make("code", {}, type === name ? link : ["[", link, "]"]);
}

/** Fills a group of check boxes: `[value, label]` each. */
function fillChoices(group, choices) {
  group.append(...choices.map(([value, label, hint]) =>
    make("label", { class: "choice", title: hint }, make("input", { type: "checkbox", value }), make("span", {}, label))));
}

const choicesIn = (group) => [...group.querySelectorAll("input:checked")].map((input) => input.value);

function setChoices(group, values) {
  for (const input of group.querySelectorAll("input")) input.checked = values.includes(input.value);
}

/** "1 item", "2 items". */
const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

