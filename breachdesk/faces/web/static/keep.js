// Loses nothing that was typed: kept on this device at once, on the desk soon after.
// Fields with data-keep="name", and every field of a form with data-keep-form="name".
"use strict";

(() => {
  const { member } = document.body.dataset;
  const keeps = "keeps" in document.body.dataset;
  if (!member) {
    return;
  }
  const words = JSON.parse(document.body.dataset.words).writing;
  const said = document.getElementById("said");
  const MONTH = 30 * 86400000;
  const PAUSE = 1500; // after the last key
  const REST = 15000; // between two messages to the desk
  const prefix = `kept|${member}|`;
  const kept = []; // every field that is kept
  const refused = (performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0) >= 400;
  const failed = refused || document.querySelector(".problem-box") !== null;

  const read = (key) => {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  };
  const write = (key, entry) => {
    try { localStorage.setItem(key, JSON.stringify(entry)); } catch { /* full or forbidden: the desk keeps it */ }
  };
  const value = (field) => (field.type === "checkbox" ? (field.checked ? "on" : "") : field.value);
  const first = (field) => (field.type === "checkbox" ? (field.defaultChecked ? "on" : "")
    : field.tagName === "SELECT" ? [...field.options].find((each) => each.defaultSelected)?.value ?? field.options[0]?.value ?? ""
    : field.defaultValue);
  const put = (field, text) => {
    if (field.type === "checkbox") { field.checked = text === "on"; } else { field.value = text; }
  };

  const say = (one, state) => {
    if (one.state === state) { return; }
    const bad = state === "offline" || state === "ended";
    if (bad || one.state === "offline" || one.state === "ended") { said.textContent = words[state]; }
    one.state = state;
    one.shown.textContent = words[state];
    one.shown.classList.toggle("is-bad", bad);
  };

  // -- the desk -------------------------------------------------------------------------

  let token = document.querySelector("input[name=csrf_token]")?.value;
  const call = async (path, fields) => {
    const asked = { headers: { "HX-Request": "true", "Desk-Seat": member }, redirect: "error" };
    if (fields) {
      Object.assign(asked, { method: "POST", body: new URLSearchParams(fields), keepalive: true });
      asked.headers["X-CSRFToken"] = token;
    }
    return fetch(path, asked);
  };
  // Another tab turned to another organisation, or somebody else signed in: nothing is mixed.
  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["Desk-Seat"] = member; });
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.status === 412) {
      said.textContent = words.moved;
      event.target.removeAttribute?.("hx-trigger");
    }
  });
  // A session that ended and began again has other tokens: take them, so that forms still go.
  const renew = async () => {
    const answer = await call("/writing");
    if (!answer.ok) { return false; }
    token = (await answer.json()).token;
    for (const field of document.querySelectorAll("input[name=csrf_token]")) { field.value = token; }
    return true;
  };
  const post = async (path, fields) => {
    const answer = await call(path, fields);
    return (answer.status === 400 || answer.status === 401) && await renew() ? call(path, fields) : answer;
  };

  const send = async (one) => {
    clearTimeout(one.timer);
    one.timer = null;
    const entry = read(one.key);
    if (!entry || !one.incident || !keeps || one.gone) { return; }
    one.sentAt = performance.now();
    try {
      const answer = await post(`/incidents/${one.incident}/writing`, { field: one.name, text: entry.text, base: entry.base });
      if (answer.ok) {
        const now = read(one.key);
        if (now?.text === entry.text) { write(one.key, { ...now, desk: true }); say(one, "kept"); }
      } else {
        say(one, answer.status === 401 || answer.status === 400 ? "ended" : "here");
      }
    } catch {
      say(one, "offline");
      one.timer = setTimeout(() => send(one), REST);
    }
  };
  // What was sent and whose copy the desk may still hold: a page that is opened before the desk
  // has answered must not give it back.
  const SENT = `sent|${member}`;
  const DROPPED = `dropped|${member}`;
  const listed = (name) => JSON.parse(sessionStorage.getItem(name) ?? "[]");
  const forget = (key) => {
    const left = listed(DROPPED).filter((each) => each !== key);
    if (left.length) { sessionStorage.setItem(DROPPED, JSON.stringify(left)); } else { sessionStorage.removeItem(DROPPED); }
  };
  const drop = (one) => {
    clearTimeout(one.timer);
    one.gone = true;
    const onDesk = read(one.key)?.desk || one.onDesk;
    localStorage.removeItem(one.key);
    if (!one.incident || !keeps || !onDesk) { forget(one.key); return; }
    post(`/incidents/${one.incident}/writing/drop`, { field: one.name })
      .then((answer) => { if (answer.ok) { forget(one.key); } }).catch(() => {});
  };
  const typed = (one) => {
    one.gone = false;
    forget(one.key);
    write(one.key, { text: value(one.field), base: one.base, at: Date.now() });
    if (!one.state || one.state === "kept") { say(one, "here"); }
    if (one.incident && keeps && !one.timer) {
      one.timer = setTimeout(() => send(one), Math.max(PAUSE, (one.sentAt ?? -REST) + REST - performance.now()));
    }
  };

  // -- given back on load ---------------------------------------------------------------

  const note = (one, text, ...buttons) => {
    const box = document.createElement("div");
    box.className = "kept-note";
    box.append(Object.assign(document.createElement("p"), { textContent: text }));
    for (const [name, act] of buttons) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-quiet", textContent: name });
      button.addEventListener("click", () => { act(); box.remove(); one.field.focus(); });
      box.append(button);
    }
    one.shown.after(box);
    for (let around = one.field.closest("details"); around; around = around.parentElement.closest("details")) { around.open = true; }
    said.textContent = text;
    return box;
  };
  const restore = async (one, entry) => {
    const served = first(one.field);
    if (entry.text === served) {
      if (failed) { one.base = entry.base; } else { drop(one); }
      return;
    }
    const leave = () => { put(one.field, served); drop(one); };
    const at = new Date(entry.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    if (failed || one.field.tagName !== "TEXTAREA" || entry.base === served) {
      if (failed) { one.base = entry.base; }
      put(one.field, entry.text);
      note(one, words.again.replace("{at}", at), [words.leave, leave]);
      return;
    }
    const answer = await post("/writing/join", { base: entry.base, mine: entry.text, theirs: served });
    const joined = answer.ok ? (await answer.json()).text : null;
    if (joined !== null) {
      put(one.field, joined);
      typed(one);
      note(one, words.joined, [words.theirs, leave]);
      return;
    }
    const box = note(one, words.both, [words.mine, () => { put(one.field, entry.text); typed(one); }], [words.leave, leave]);
    const mine = Object.assign(document.createElement("textarea"), { readOnly: true, rows: one.field.rows, value: entry.text, className: "form-control" });
    mine.setAttribute("aria-label", words.both);
    box.firstChild.after(mine);
  };

  // -- which fields ---------------------------------------------------------------------

  const SECRET = new Set(["hidden", "password", "submit", "button", "file", "radio"]);
  const take = (field, name, shown) => {
    const incident = field.closest("[data-incident]")?.dataset.incident ?? "";
    const one = { field, name, incident, key: `${prefix}${incident}|${name}`, base: first(field), shown };
    kept.push(one);
    field.addEventListener("input", () => typed(one));
  };
  const state = () => Object.assign(document.createElement("p"), { className: "hint kept-state" });
  const adopt = (part) => {
    for (const field of part.querySelectorAll("textarea[data-keep]")) {
      const shown = state();
      field.after(shown);
      take(field, field.dataset.keep, shown);
    }
    for (const form of part.querySelectorAll("form[data-keep-form]")) {
      for (const field of form.elements) {
        if (field.name && !SECRET.has(field.type) && !field.dataset.keep && !field.readOnly) {
          const shown = state();
          field.after(shown);
          if (field.tagName !== "TEXTAREA") { shown.hidden = true; }
          const one = field.type === "checkbox" ? field.value : field.id; // several fields of one name
          const more = form.elements[field.name] === field && field.type !== "checkbox" ? "" : `/${one}`;
          take(field, `${form.dataset.keepForm}/${field.name}${more}`, shown);
        }
      }
    }
  };
  adopt(document);

  document.addEventListener("submit", (event) => {
    const sent = kept.filter((one) => event.target.contains(one.field));
    for (const one of sent) { one.gone = true; } // no copy may reach the desk after the form itself
    sessionStorage.setItem(SENT, JSON.stringify(sent.map((one) => one.key)));
    if (event.target.action.endsWith("/sign-out")) {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(prefix) && read(key)?.desk) { localStorage.removeItem(key); }
      }
    }
  });

  let gone = []; // what the form before this page sent
  const begin = async () => {
    gone = [...new Set([...listed(DROPPED), ...(failed ? [] : listed(SENT))])];
    sessionStorage.setItem(DROPPED, JSON.stringify(gone));
    // a form that was refused sent nothing: what it holds is kept, wherever one goes from here
    if (refused || !failed) { sessionStorage.removeItem(SENT); }
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith("kept|") && Date.now() - (read(key)?.at ?? 0) > MONTH) { localStorage.removeItem(key); }
    }
    // what was sent is gone from here, whichever page came after it
    for (const key of gone) {
      const [, , incident, name] = key.split("|");
      drop({ key, incident, name, onDesk: true });
    }
    await back(kept);
  };
  const desks = {};
  const back = async (ones) => {
    for (const incident of new Set(ones.map((one) => one.incident))) {
      if (incident && keeps && !(incident in desks)) {
        desks[incident] = await call(`/incidents/${incident}/writing`).then((answer) => (answer.ok ? answer.json() : {})).catch(() => ({}));
      }
    }
    for (const one of ones) {
      const there = desks[one.incident]?.[one.name];
      const here = read(one.key);
      one.onDesk = there !== undefined;
      const entry = there && (!here || there.at > here.at) ? { ...there, desk: true } : here;
      if (entry && !gone.includes(one.key) && value(one.field) === first(one.field)) { await restore(one, entry); }
    }
  };
  const flush = () => kept.filter((one) => one.timer).forEach(send);
  window.addEventListener("online", flush);
  window.addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { flush(); } else if (kept.length) { renew().catch(() => {}); }
  });
  const started = kept.length || sessionStorage.getItem(SENT) || sessionStorage.getItem(DROPPED) ? begin() : Promise.resolve();
  // a part that came later has fields too
  document.addEventListener("htmx:afterSettle", (event) => {
    const before = kept.length;
    adopt(event.target);
    if (kept.length > before) { started.then(() => back(kept.slice(before))); }
  });
})();
