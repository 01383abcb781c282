// What is shown, and its form in the address: `#diff=7.2..10.0&item=guest-exec&q=path`.

const BLANK = Object.freeze({
  from: undefined, to: undefined, // the releases compared, or neither
  item: undefined, // path of the item whose life is shown
  q: "",
  kind: [],
  platform: undefined,
  changed: undefined,
  wire: [],
  parts: false, // all parts of all definitions
  columns: false, // only releases that changed something
});

/** Reads an address. What it names and the page does not know is told of in `problems`. */
function readAddress(hash) {
  const state = { ...BLANK };
  const problems = [];
  const known = (found, what, name) => {
    if (found === undefined) problems.push(`No ${what} “${name}” here.`);
    return found;
  };
  const some = (names, all, what) => names.split(",").filter((name) => known(all.includes(name) || undefined, what, name));
  const readers = {
    diff: (value) => {
      const names = value.split("..");
      const [from, to] = names.map((name) => known(releaseNamed(name), "release", name));
      if (names.length !== 2) problems.push("A comparison is written as two releases: “diff=7.2..10.0”.");
      else if (from !== undefined && to !== undefined) Object.assign(state, { from, to });
    },
    item: (value) => {
      // A branch is often written with a dot.
      const path = [value, value.replace(/\.([^.]*)$/, "/$1")].find((path) => itemAt.has(path));
      state.item = known(path, "item", value);
    },
    q: (value) => { state.q = value; },
    kind: (value) => { state.kind = some(value, kinds, "kind of item"); },
    platform: (value) => {
      const at = data.platforms.findIndex((name) => name.toLowerCase() === value.toLowerCase());
      state.platform = known(at < 0 ? undefined : at, "platform", value);
    },
    changed: (value) => { state.changed = known(releaseNamed(value), "release", value); },
    wire: (value) => { state.wire = some(value, wires, "effect on the wire"); },
    parts: (value) => { state.parts = value === "all"; },
    columns: (value) => { state.columns = value === "changed"; },
  };
  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, "").replaceAll("+", "%2B"))) {
    if (Object.hasOwn(readers, name)) readers[name](value);
    else problems.push(`Nothing here is called “${name}”.`);
  }
  return { state, problems };
}

/** Writes an address. */
function address(state) {
  const compared = state.from !== undefined && state.to !== undefined;
  const parts = {
    diff: compared && `${releases[state.from]}..${releases[state.to]}`,
    item: state.item,
    q: state.q,
    kind: state.kind.join(","),
    platform: data.platforms[state.platform],
    changed: releases[state.changed],
    wire: state.wire.join(","),
    parts: state.parts && "all",
    columns: state.columns && "changed",
  };
  const written = Object.entries(parts)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2F", "/").replaceAll("%2C", ",")}`);
  return `#${written.join("&")}`;
}

/** Effects on the wire that rules tell apart, the gravest first. */
const wires = ["breaking", "compatible", "new", "unchanged"].filter((wire) => data.rules.some((rule) => rule.wire === wire));

