(() => {
  'use strict';

  const TEXT = {
    title: 'Chat: operations', skip: 'To the figures', live: 'Live figures', signOut: 'Forget the token', signIn: 'Show',
    token: "An operator's token (JWT)",
    tokenNote: 'It needs the claim role with the value operator. This tab keeps it until it is closed; it is sent to this API alone.',
    states: { 'signed-out': 'No token', connecting: 'Asking…', live: 'Live', unreachable: 'Unreachable', refused: 'Refused' },
    unreachable: (since) => `The API does not answer. The figures are of ${since}; trying again.`,
    failing: (status) => `The API answered ${status}. Trying again.`,
    busy: (seconds) => `Too many requests of this token: waiting ${seconds} s.`,
    refusedToken: 'The token was refused: it is wrong, expired or revoked. Paste another one.',
    forbidden: "The token is good, but not an operator's: its claim role must have the value operator.",
    instanceNote: 'The figures above are of one instance of the API. Behind a proxy each instance answers for itself; those that '
      + 'answered this page in the last minute are listed. All below is of the whole system, read from its log and its store.',
    instances: 'Instances', instance: 'Instance', sockets: 'Sockets', ticksPerSecond: 'Ticks/s', postsPerSecond: 'Posts/s', p99: 'p99',
    subscriptions: (n, c) => `${n} subscriptions, ${c} conversations`,
    perSecond: 'over the last 10 s', latency: 'Event to socket, p99', latencyMore: (p50, p90, n) => `p50 ${p50}, p90 ${p90} of ${n} in the last minute`,
    lastMinute: 'Repairs in the last minute',
    lastMinuteMore: (m) => `${m.conflations} conflated, ${m.closes} closed, ${m.limited} limited, ${m.callbacks} callbacks`,
    lag: 'Lag by group', group: 'Group', topic: 'Topic', behind: 'Events behind',
    channels: 'Channels', channel: 'Channel', waiting: 'Waiting', lastStatus: 'Last status', failed: 'Failed', lastFailure: 'Last failure',
    failedOf: (failed, recent) => `${failed} of ${recent}`,
    accounts: 'Accounts', account: 'Account', tokenEnds: 'Token ends', held: 'Held', needsPerson: 'needs a person', works: 'works',
    accountsSummary: (a) => `${a.active} work, ${a.needsAttention} need a person.`,
    health: 'Health', audit: 'Audit', auditUnknown: 'Not known here: the status workers audit, and report in their logs and metrics.',
    auditNone: 'No audit has ended yet since this process started.',
    auditResult: (a) => `${a.checked} facts checked since this process started, the last time at `,
    auditMissing: (a) => ` ${a.missingFacts} facts, ${a.missingChanges} changes and ${a.missingDeadLetters} dead letters are missing.`,
    parked: 'Parked statuses', waitsFor: 'Waits for', status: 'Status', since: 'Since',
    parkedSummary: (p) => (p.count === 0 ? 'None waits for its message.' : `${p.count}${p.hasMore ? ' or more' : ''} wait; the oldest since `),
    deadLetters: 'Dead letters', putAside: 'Put aside', location: 'Location', reason: 'Reason', key: 'Key', state: 'State', look: 'Look',
    deadLettersSummary: (kept) => (kept.every((k) => k.kept === 0) ? 'None.'
      : kept.filter((k) => k.kept > 0).map((k) => `${k.kept} of ${k.topic}`).join(', ') + ' in the log.'),
    notWhole: ' Older ones are listed by the command dead-letters list.',
    isBack: 'put back', isOpen: 'open', isGone: 'its event is gone', cameBack: (n) => `came back ${n} times`,
    deadLetter: 'Dead letter', outlineNote: 'Texts that a person wrote are not shown, only how long they are.',
    putBack: 'Put back', close: 'Close', putBackDone: 'Put back.', putBackBy: 'Put back by', byCommand: 'the command', target: 'Its event',
    bytes: 'Bytes', trace: 'Trace', timesBack: 'Came back',
    message: 'A message', messageId: 'Message id', followIt: 'Show its timeline', conversation: 'Conversation', organization: 'Organization',
    created: 'Created', received: 'Received', reportedAt: 'Reported', shown: 'Shown', note: 'Note',
    onlyParked: (n) => `Nobody knows this message yet; ${n} statuses wait for it.`, parkedToo: (n) => `${n} more statuses wait for it.`,
    noEvents: 'No status has come yet.', asking: 'Asking…',
    first: 'First page', next: 'Next page', unknown: 'unknown', none: 'none', nothing: '–',
  };

  const EVERY = 2000;
  const LISTS_EVERY = 10000;
  const TIMEOUT = 10000;
  const INSTANCE_LIFE = 60000;
  const STICKY = 20000;
  const KEY = 'chat-operations-token';
  const SVG = 'http://www.w3.org/2000/svg';

  const at = (id) => document.getElementById(id);
  const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
  const instances = new Map();
  let token = read();
  let timer = 0;
  let running = false;
  let lastAnswer = null;
  let listsAt = 0;
  let listsWanted = false;
  let shownInstance = null;
  const cursors = { parked: null, 'dead-letters': null };
  const nexts = { parked: null, 'dead-letters': null };

  // --- The token: in this tab alone, and never in an address.

  function read() {
    try { return sessionStorage.getItem(KEY); } catch { return null; }
  }

  function keep(value) {
    token = value;
    try {
      if (value) sessionStorage.setItem(KEY, value); else sessionStorage.removeItem(KEY);
    } catch { /* A browser that keeps nothing: it lasts as long as the page. */ }
  }

  // --- Showing. Whatever comes from the API goes into text nodes, and never into markup.

  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    for (const child of children) element.append(child);
    return element;
  }

  function say(element, ...parts) {
    const text = parts.map((p) => (p instanceof Node ? p.outerHTML : p)).join('');
    if (element.dataset.said === text) return;
    element.dataset.said = text;
    element.replaceChildren(...parts);
  }

  function clock(date) {
    return date.toDateString() === new Date().toDateString() ? date.toLocaleTimeString('en-GB') : date.toLocaleString('en-GB');
  }

  // A time without a date is today's: once it is another day, what is shown gets its date.
  function turnDay() {
    for (const element of document.querySelectorAll('time')) {
      const text = clock(new Date(element.dateTime));
      if (element.textContent !== text) element.textContent = text;
    }
  }

  function time(iso) {
    if (!iso) return TEXT.nothing;
    const element = make('time', 'time', clock(new Date(iso)));
    element.dateTime = iso;
    element.title = iso;
    return element;
  }

  const milliseconds = (value) => (value === null ? TEXT.nothing : value < 10000 ? `${number.format(value)} ms` : `${number.format(value / 1000)} s`);
  const statusClass = (status) => (status === 'FAILED' ? 'bad' : '');

  // Rows are made again only where they differ, and the focus stays where it was: with the row's button.
  function rows(body, items, cells, columns) {
    const text = JSON.stringify(items);
    if (body.dataset.said === text) return;
    body.dataset.said = text;
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    if (items === null || items.length === 0) {
      const cell = make('td', 'muted', items === null ? TEXT.unknown : TEXT.none);
      cell.colSpan = columns;
      body.replaceChildren(make('tr', '', cell));
      return;
    }
    body.replaceChildren(...items.map((item) => make('tr', '', ...cells(item))));
    if (focused) [...body.querySelectorAll('[data-key]')].find((b) => b.dataset.key === focused)?.focus();
  }

  const cell = (value, className) => make('td', className, value);

  function facts(list, pairs) {
    list.replaceChildren(...pairs.filter(([, v]) => v !== null && v !== undefined).flatMap(([k, v]) => [make('dt', '', k), make('dd', '', v)]));
  }

  function line(values) {
    const top = Math.max(1, ...values);
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 60 20');
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-hidden', 'true');
    const polyline = document.createElementNS(SVG, 'polyline');
    const from = 60 - values.length;
    polyline.setAttribute('points', values.map((v, i) => `${from + i},${(19 - (18 * v) / top).toFixed(1)}`).join(' '));
    svg.append(polyline);
    return svg;
  }

  function tile(id, name, figure, more, values) {
    let element = at(id);
    if (!element) {
      element = make('div', 'tile', make('h2', '', name), make('p', 'figure'), make('p', 'more'));
      element.id = id;
      at('tiles').append(element);
    }
    const [, first, second] = element.children;
    say(first, figure);
    say(second, more);
    element.querySelector('svg')?.remove();
    if (values) element.append(line(values));
  }

  function state(name, message) {
    at('state').dataset.state = name;
    say(at('state'), TEXT.states[name]);
    at('alert').hidden = !message;
    if (message) say(at('alert'), message);
    at('board').classList.toggle('stale', name === 'unreachable');
  }

  function show(view) {
    const now = Date.now();
    instances.set(view.instance.name, { at: now, view });
    for (const [name, seen] of instances) if (now - seen.at > INSTANCE_LIFE) instances.delete(name);
    // The one that is shown stays as long as it answers now and then: figures that jump between instances tell nothing.
    if (!shownInstance || !instances.has(shownInstance) || now - instances.get(shownInstance).at > STICKY) shownInstance = view.instance.name;
    const { live } = instances.get(shownInstance).view;
    say(at('instance'), shownInstance);
    tile('tile-sockets', TEXT.sockets, number.format(live.sockets),
      TEXT.subscriptions(number.format(live.subscriptions), number.format(live.conversations)));
    tile('tile-ticks', TEXT.ticksPerSecond, number.format(live.ticks.perSecond), TEXT.perSecond, live.ticks.seconds);
    tile('tile-posts', TEXT.postsPerSecond, number.format(live.posts.perSecond), TEXT.perSecond, live.posts.seconds);
    const latency = live.eventToSocket;
    tile('tile-latency', TEXT.latency, milliseconds(latency.p99),
      TEXT.latencyMore(milliseconds(latency.p50), milliseconds(latency.p90), number.format(latency.count)));
    tile('tile-repairs', TEXT.lastMinute, number.format(live.lastMinute.repairs), TEXT.lastMinuteMore(live.lastMinute));
    at('instances-card').hidden = instances.size < 2;
    rows(at('instances'), [...instances.keys()].sort(), (name) => {
      const its = instances.get(name).view.live;
      return [cell(name, 'id'), cell(number.format(its.sockets), 'n'), cell(number.format(its.ticks.perSecond), 'n'),
        cell(number.format(its.posts.perSecond), 'n'), cell(milliseconds(its.eventToSocket.p99), 'n')];
    }, 5);
    // Their figures change while their names don't.
    at('instances').removeAttribute('data-said');
    showEngines(view.engines);
    showAudit(view.audit);
  }

  function showEngines(engines) {
    rows(at('lag'), engines.lag, (l) => [cell(l.group), cell(l.topic, 'id'), cell(number.format(l.events), l.events > 0 ? 'n warn' : 'n')], 3);
    rows(at('channels'), engines.channels, (c) => [
      cell(c.displayName),
      cell(c.waiting === null ? TEXT.unknown : number.format(c.waiting), 'n'),
      c.lastStatus ? make('td', '', `${c.lastStatus.status} `, time(c.lastStatus.at)) : cell(TEXT.nothing),
      cell(TEXT.failedOf(c.failed, c.recent), c.failed > 0 ? 'n bad' : 'n'),
      c.lastFailure ? make('td', 'long', time(c.lastFailure.at), ` ${c.lastFailure.reason ?? ''}`) : cell(TEXT.nothing),
    ], 5);
    const { accounts } = engines;
    // Who has none uses the simulated channels: nothing to look at.
    at('accounts-card').hidden = accounts !== null && accounts.items.length === 0;
    say(at('accounts-summary'), accounts === null ? TEXT.unknown : TEXT.accountsSummary(accounts));
    rows(at('accounts'), accounts?.items ?? null, (a) => [
      make('td', 'id', `${a.channel} ${a.accountId}`, make('br', ''), make('span', 'muted', a.organizationId)),
      a.state === 'active' ? cell(TEXT.works, 'good') : make('td', 'long', make('span', 'warn', TEXT.needsPerson), ` ${a.attention ?? ''}`),
      make('td', '', time(a.tokenExpiresAt)),
      cell(a.held === null ? TEXT.unknown : `${number.format(a.held)}${a.hasMoreHeld ? '+' : ''}`, a.held > 0 ? 'n warn' : 'n'),
    ], 4);
    const checks = engines.checks ?? [];
    say(at('checks'), ...(engines.checks === null ? [make('li', 'muted', TEXT.unknown)] : checks.map((c) => make('li', '',
      make('span', c.status === 'Healthy' ? 'good' : c.status === 'Degraded' ? 'warn' : 'bad', c.status), ` ${c.name}`,
      c.description ? `: ${c.description}` : ''))));
    const { parked, deadLetters } = engines;
    if (parked === null) say(at('parked-summary'), TEXT.unknown);
    else say(at('parked-summary'), TEXT.parkedSummary(parked), ...(parked.oldest ? [time(parked.oldest), '.'] : []));
    say(at('dead-letters-summary'), deadLetters === null ? TEXT.unknown : TEXT.deadLettersSummary(deadLetters),
      at('dead-letters').dataset.whole === 'false' ? TEXT.notWhole : '');
  }

  function showAudit(audit) {
    if (audit === null) { say(at('audit'), TEXT.auditUnknown); return; }
    if (audit.at === null) { say(at('audit'), TEXT.auditNone); return; }
    const missing = audit.missingFacts + audit.missingChanges + audit.missingDeadLetters;
    say(at('audit'), TEXT.auditResult(audit), time(audit.at), '.', make('span', missing > 0 ? 'bad' : 'good', TEXT.auditMissing(audit)));
  }

  const letterState = (l) => (l.putBack ? TEXT.isBack : l.canGoBack ? TEXT.isOpen : TEXT.isGone)
    + (l.timesBack > 0 ? `, ${TEXT.cameBack(l.timesBack)}` : '');

  function showLetters(page) {
    at('dead-letters').dataset.whole = page.isWhole;
    rows(at('dead-letters'), page.items, (l) => {
      const button = make('button', '', TEXT.look);
      button.type = 'button';
      button.dataset.key = l.location;
      button.setAttribute('aria-label', `${TEXT.look}: ${l.location}`);
      button.addEventListener('click', () => look(l));
      return [make('td', '', time(l.at)), cell(l.location, 'id'), cell(l.reason, 'long'), cell(l.key ?? TEXT.nothing, 'id long'),
        cell(letterState(l), l.putBack ? 'good' : 'warn'), make('td', '', button)];
    }, 6);
  }

  function showParked(page) {
    rows(at('parked'), page.items, (p) => [
      cell(p.subject, 'id long'), cell(`${p.status ?? TEXT.unknown}${p.channel ? `, ${p.channel}` : ''}`), make('td', '', time(p.at)),
    ], 3);
  }

  // --- Asking.

  class Refusal extends Error {
    constructor(status, problem, retryAfter) {
      super(problem?.detail ?? `${status}`);
      Object.assign(this, { status, retryAfter });
    }
  }

  async function ask(path, method = 'GET') {
    const stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), TIMEOUT);
    try {
      const response = await fetch(`/v1/operations${path}`, {
        method, headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' }, cache: 'no-store', credentials: 'omit',
        redirect: 'error', signal: stop.signal,
      });
      if (response.ok) return await response.json();
      const problem = await response.json().catch(() => null);
      throw new Refusal(response.status, problem, Number(response.headers.get('Retry-After')) || 0);
    } finally {
      clearTimeout(patience);
    }
  }

  function isToken(status) { return status === 401 || status === 403; }

  function failed(error) {
    if (error instanceof Refusal && isToken(error.status)) {
      signOut(error.status === 401 ? TEXT.refusedToken : TEXT.forbidden);
      return 0;
    }
    if (error instanceof Refusal && error.status === 429) {
      const wait = Math.max(1, error.retryAfter);
      state('live', TEXT.busy(wait));
      return wait * 1000;
    }
    if (error instanceof Refusal) state('unreachable', TEXT.failing(error.status));
    else state('unreachable', TEXT.unreachable(lastAnswer ? clock(lastAnswer) : TEXT.unknown));
    return EVERY;
  }

  async function list(name, show) {
    const query = new URLSearchParams({ limit: '20' });
    if (cursors[name]) query.set('after', cursors[name]);
    const page = await ask(`/${name}?${query}`);
    nexts[name] = page.next;
    at(`${name}-next`).disabled = page.next === null;
    at(`${name}-first`).disabled = cursors[name] === null;
    show(page);
  }

  async function refresh(withLists) {
    turnDay();
    if (withLists) listsWanted = true;
    if (!token || running) return;
    clearTimeout(timer);
    running = true;
    let wait = EVERY;
    const asked = token;
    try {
      const view = await ask('');
      if (asked !== token) return;
      lastAnswer = new Date();
      show(view);
      at('board').hidden = false;
      state('live');
      if (listsWanted || performance.now() - listsAt >= LISTS_EVERY) {
        listsWanted = false;
        await Promise.all([list('dead-letters', showLetters), list('parked', showParked)]);
        listsAt = performance.now();
      }
      // Asked for while this was under way.
      if (listsWanted) wait = 0;
    } catch (error) {
      if (asked === token) wait = failed(error);
    } finally {
      running = false;
      if (token && !document.hidden) timer = setTimeout(() => refresh(), asked === token ? wait : 0);
    }
  }

  // --- Dead letters.

  let looked = null;
  let looks = 0;

  function place(l) { return `/dead-letters/${encodeURIComponent(l.topic)}/${l.partition}/${l.offset}`; }

  // Whether it is the one that is open, which may have been closed and opened again.
  function isOpen(l) { return place(looked) === place(l); }

  function showLetter(l, outline, trace) {
    looked = l;
    facts(at('letter-facts'), [
      [TEXT.location, l.location], [TEXT.putAside, time(l.at)], [TEXT.reason, l.reason], [TEXT.key, l.key], [TEXT.target, l.target],
      [TEXT.bytes, l.bytes === null ? TEXT.isGone : number.format(l.bytes)], [TEXT.state, letterState(l)],
      [TEXT.putBackBy, l.putBack ? make('span', '', `${l.putBack.by ?? TEXT.byCommand}, `, time(l.putBack.at)) : null],
      [TEXT.trace, trace],
    ]);
    say(at('letter-event'), outline ?? '');
    at('put-back').disabled = l.putBack !== null || !l.canGoBack;
  }

  async function look(l) {
    const mine = ++looks;
    say(at('letter-note'), TEXT.asking);
    showLetter(l, null, null);
    at('put-back').disabled = true;
    at('letter').showModal();
    try {
      const detail = await ask(place(l));
      if (mine !== looks) return;
      // What became of it meanwhile, this answer may not know.
      showLetter(looked.putBack && !detail.letter.putBack ? looked : detail.letter, detail.event, detail.traceParent);
      if (at('letter-note').textContent === TEXT.asking) say(at('letter-note'), '');
    } catch (error) {
      letterFailed(mine === looks, error);
    }
  }

  // Another letter may be open by now, of which nothing is to be said.
  function letterFailed(isShown, error) {
    if (error instanceof Refusal && isToken(error.status)) { at('letter').close(); failed(error); return; }
    if (isShown) say(at('letter-note'), error instanceof Refusal ? error.message : TEXT.states.unreachable);
  }

  async function putBack() {
    const l = looked;
    at('put-back').disabled = true;
    say(at('letter-note'), TEXT.asking);
    try {
      const back = await ask(`${place(l)}/put-back`, 'POST');
      if (isOpen(l)) {
        showLetter(back, at('letter-event').textContent, null);
        say(at('letter-note'), TEXT.putBackDone);
      }
    } catch (error) {
      letterFailed(isOpen(l), error);
    }
    refresh(true);
  }

  // --- A message.

  let followed = null;

  async function follow(id) {
    followed = id;
    say(at('message-note'), TEXT.asking);
    at('message-facts').replaceChildren();
    at('timeline-part').hidden = true;
    try {
      const m = await ask(`/messages/${encodeURIComponent(id)}`);
      if (followed !== id) return;
      const known = m.conversationId !== null;
      say(at('message-note'), !known ? TEXT.onlyParked(m.parked.length)
        : m.parked.length > 0 ? TEXT.parkedToo(m.parked.length) : m.timeline.length === 0 ? TEXT.noEvents : '');
      facts(at('message-facts'), known ? [
        [TEXT.status, m.status], [TEXT.reason, m.reason], [TEXT.channel, m.channel], [TEXT.conversation, m.conversationId],
        [TEXT.organization, m.organizationId], [TEXT.created, m.createdAt ? time(m.createdAt) : null],
      ] : []);
      at('timeline-part').hidden = m.timeline.length === 0;
      rows(at('timeline'), m.timeline, (e) => [
        make('td', '', time(e.receivedAt)), cell(e.status, statusClass(e.status)), make('td', '', time(e.reportedAt)),
        cell(e.shown, statusClass(e.shown)), cell([e.reason, e.notApplied].filter(Boolean).join('; ') || TEXT.nothing, 'long'),
      ], 5);
    } catch (error) {
      if (error instanceof Refusal && isToken(error.status)) failed(error);
      else if (followed === id) say(at('message-note'), error instanceof Refusal ? error.message : TEXT.states.unreachable);
    }
  }

  // --- The page.

  function signOut(message) {
    keep(null);
    clearTimeout(timer);
    instances.clear();
    shownInstance = null;
    if (at('letter').open) at('letter').close();
    at('board').hidden = true;
    at('sign-in').hidden = false;
    at('sign-out').hidden = true;
    say(at('instance'), '');
    state(message ? 'refused' : 'signed-out', message);
    at('token').focus();
  }

  function signIn(value) {
    keep(value);
    at('token').value = '';
    at('sign-in').hidden = true;
    at('sign-out').hidden = false;
    state('connecting');
    at('main').focus();
    refresh(true);
  }

  for (const element of document.querySelectorAll('[data-text]')) element.textContent = TEXT[element.dataset.text];
  for (const element of document.querySelectorAll('[data-label]')) element.setAttribute('aria-label', TEXT[element.dataset.label]);
  document.title = TEXT.title;
  at('sign-in').addEventListener('submit', (e) => {
    e.preventDefault();
    const value = at('token').value.trim();
    if (value) signIn(value);
  });
  at('sign-out').addEventListener('click', () => signOut());
  at('follow').addEventListener('submit', (e) => {
    e.preventDefault();
    follow(at('message-id').value.trim());
  });
  at('put-back').addEventListener('click', putBack);
  at('letter-close').addEventListener('click', () => at('letter').close());
  for (const name of Object.keys(cursors)) {
    at(`${name}-first`).addEventListener('click', () => { cursors[name] = null; refresh(true); });
    at(`${name}-next`).addEventListener('click', () => { cursors[name] = nexts[name]; refresh(true); });
  }
  document.addEventListener('visibilitychange', () => { if (!document.hidden) refresh(); });
  if (token) signIn(token); else signOut();
})();
