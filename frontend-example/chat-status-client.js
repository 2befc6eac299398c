/*!
 * ChatStatusClient: message statuses over a WebSocket, without gaps. MIT licence, no dependency.
 *
 *   const client = new ChatStatusClient('http://localhost:5000', token);   // or () => fetchAFreshToken()
 *   client.on('message.status', (data) => show(data.messageId, data.status));
 *   client.connect();
 *   client.subscribe('123e4567-e89b-12d3-a456-426614174000');
 *
 * A classic script for <script src>, which defines the global ChatStatusClient; `require` gets the same class, and
 * chat-status-client.mjs beside it exports it to `import`. Types and all events: chat-status-client.d.ts; more: README.md.
 */
(function (root) {
  'use strict';

  // The order in which statuses replace each other: a delivery that is proven outweighs a failure that was reported.
  const RANK = Object.freeze(Object.assign(Object.create(null), { ACCEPTED: 0, SENT: 1, FAILED: 2, DELIVERED: 3, READ: 4 }));

  const DEFAULTS = Object.freeze({
    WebSocket: undefined,
    fetch: undefined,
    random: Math.random,
    pingInterval: 30000,
    pongTimeout: 10000,
    connectTimeout: 15000,
    tokenIn: 'protocol',
    tokenTimeout: 15000,
    refusedTokenTimeout: 60000,
    reconnectBase: 500,
    reconnectCap: 30000,
    stableAfter: 5000,
    maxMessages: 10000,
    pageSize: 100,
    maxPages: 20,
    parallelPages: 4,
    reportShown: false,
    messages: false,
    language: undefined,
  });

  const PROTOCOL = 'chat.v1'; // what the server answers, the token being offered beside it
  const OPEN = 1; // WebSocket.OPEN
  const LONGEST_TIMER = 0x7fffffff;
  const LONGEST_RETRY_AFTER = 300000; // a proxy on the way may ask for a year
  const MAX_PAGE = 200; // the server refuses more
  const MAX_SHOWN = 50; // in one frame; as many wait for the next one
  const SHOWN_DELAY = 1000;
  const LATE = 1000; // a timer that fires so much too late: the event loop was blocked, or the machine slept
  const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

  const isSeq = (value) => Number.isSafeInteger(value) && value >= 0;

  /** Milliseconds by a clock that nobody sets. */
  const elapsed = () => root.performance?.now?.() ?? Date.now();

  /** A UUID in any spelling (upper case, braces, no hyphens) as 8-4-4-4-12 in lower case; anything else in lower case. */
  function normal(id) {
    const text = String(id).trim().toLowerCase();
    if (UUID.test(text)) return text;
    const digits = text.replace(/^urn:uuid:/, '').replace(/^[{(](.*)[)}]$/, '$1').replace(/-/g, '');
    return /^[0-9a-f]{32}$/.test(digits) ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') : text;
  }

  /** What `start` answers, or an error where that takes too long; `giveUp` is called then. */
  async function within(milliseconds, what, start, giveUp) {
    let timer;
    const timeout = new Promise((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${what} did not answer within ${milliseconds / 1000} s`));
        giveUp?.();
      }, Math.min(milliseconds, LONGEST_TIMER));
    });
    try {
      return await Promise.race([start(), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Up to `base * 2^attempt`, anywhere below it: clients that lost one server do not come back in one moment. */
  function fullJitter(attempt, base, cap, random) {
    return Math.floor(random() * Math.min(cap, base * 2 ** Math.min(attempt, 30)));
  }

  /**
   * Where this client stands in one conversation. Decides, and does nothing: `begin` gives the frame to send, `subscribed` says
   * whether the page has to be loaded, `take` whether a frame is new, `loaded` whether the page closes the gap.
   */
  class Place {
    constructor(id, since, events) {
      this.id = id;
      this.events = events; // what to ask for; null for what the server gives by itself
      this.last = isSeq(since) ? since : null; // everything up to here is known
      this.holders = 1; // how many times it was subscribed to and not unsubscribed from
      this.generation = 0;
      this.phase = 'idle';
      this.asked = null;
      this.head = null;
      this.live = null; // the last frame of this subscription while what came before it is still missing
      this.again = false; // went back while an answer was under way, which is to the subscription from further on
      this.refusals = 0; // one after another
    }

    /** Goes back to where somebody else starts; false where it is not further than that. */
    rewind(since) {
      if (!isSeq(since) || (this.last !== null && this.last <= since)) return false;
      this.last = since;
      this.again = this.phase === 'asked';
      return true;
    }

    begin() {
      this.generation++;
      this.again = false;
      this.phase = 'asked';
      this.asked = this.last;
      this.head = null;
      this.live = null;
      const frame = { type: 'subscribe', conversationId: this.id };
      if (this.asked !== null) frame.since = this.asked;
      if (this.events) frame.events = this.events;
      return frame;
    }

    subscribed(seq, recovered) {
      this.live = null;
      this.head = isSeq(seq) ? seq : null;
      // Without `since` there is nothing to recover, but the server may lose its place later, and says so in the same frame.
      if (this.asked === null && recovered !== false) {
        if (this.head !== null) this.last = this.head;
        this.phase = 'live';
        return false;
      }
      this.phase = recovered === true ? 'live' : 'loading';
      return this.phase === 'loading';
    }

    /** The server has no subscription: there is no answer to wait for, and what is under way of one is void. */
    refused() {
      this.generation++;
      this.again = false;
      this.phase = 'idle';
    }

    take(seq) {
      // Until the page is here, `last` stays where it is: should the socket drop now, the gap is asked for again.
      const place = this.phase === 'live' ? 'last' : 'live';
      if (this[place] !== null && seq <= this[place]) return false;
      this[place] = seq;
      return true;
    }

    loaded(seq) {
      if (!isSeq(seq)) seq = Math.max(this.head ?? 0, this.live ?? 0);
      const closes = this.head === null || seq >= this.head;
      this.last = closes ? Math.max(seq, this.live ?? seq) : seq;
      if (closes) this.phase = 'live';
      return closes;
    }
  }

  /** The status shown of each message, so that none is shown after a higher one. Forgets the ones not heard of for longest. */
  class Shown {
    constructor(limit) {
      this.limit = limit;
      this.entries = new Map();
    }

    /** False where it is not to be shown: something higher is, or the same of a newer page. */
    showFrame({ messageId, status, reason = null, seq }) {
      const id = normal(messageId), rank = RANK[status], shown = this.entries.get(id);
      if (rank < shown?.rank || (rank === shown?.rank && seq < shown.seq)) return false;
      this._remember(id, { rank, reason, seq: isSeq(seq) ? seq : shown?.seq ?? 0 });
      return true;
    }

    /**
     * False too where the same is shown already; but another reason counts where the page is newer: a reason may come after its
     * failure, and its frame be what was missed.
     */
    showPage({ messageId, status, reason = null }, seq) {
      const id = normal(messageId), rank = RANK[status], shown = this.entries.get(id);
      if (rank < shown?.rank) return false;
      if (rank === shown?.rank && (reason === shown.reason || !(isSeq(seq) && seq >= shown.seq))) {
        this._remember(id, shown);
        return false;
      }
      this._remember(id, { rank, reason, seq: isSeq(seq) ? seq : 0 });
      return true;
    }

    /** The name of what is shown of a message; undefined where nothing is. */
    statusOf(messageId) {
      const rank = this.entries.get(normal(messageId))?.rank;
      return Object.keys(RANK).find((status) => RANK[status] === rank);
    }

    _remember(id, entry) {
      this.entries.delete(id); // a Map keeps the order of insertion: the first one is the oldest
      this.entries.set(id, entry);
      if (this.entries.size > this.limit) this.entries.delete(this.entries.keys().next().value);
    }
  }

  /** The messages that were told of. Forgets the ones not heard of for longest. */
  class Seen {
    constructor(limit) {
      this.limit = limit;
      this.ids = new Set();
    }

    /** False where it was told of before. */
    add(messageId) {
      const id = normal(messageId);
      const isNew = !this.ids.delete(id); // a Set keeps the order of insertion: the first one is the oldest
      this.ids.add(id);
      if (this.ids.size > this.limit) this.ids.delete(this.ids.values().next().value);
      return isNew;
    }
  }

  /** What a JWT says about itself, unverified; null where it can't be read. */
  function claims(token) {
    try {
      const part = token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/');
      const bytes = Uint8Array.from(atob(part), (c) => c.charCodeAt(0));
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      return null;
    }
  }

  class ChatStatusClient {
    /**
     * @param {string} baseUrl where the API is, `http://localhost:5000`
     * @param {string|function(): (string|Promise<string>)} token a JWT, or what fetches a fresh one
     * @param {object} [options] see ChatStatusClientOptions in the type definitions
     * @throws {RangeError} where `pageSize` is not 1 to 200
     */
    constructor(baseUrl, token, options) {
      this._options = Object.assign({}, DEFAULTS, options);
      const { pageSize } = this._options;
      if (!(Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= MAX_PAGE)) throw new RangeError(`pageSize must be 1 to ${MAX_PAGE}`);
      this._base = String(baseUrl).trim().replace(/^ws/i, 'http').replace(/\/+$/, '');
      this._tokenSource = token;
      this._token = typeof token === 'string' ? token : null;
      this._socketToken = null; // the one that the server knows of this connection: a request over REST may have fetched another
      this._handlers = new Map();
      this._places = new Map();
      this._shown = new Shown(this._options.maxMessages);
      this._seen = new Seen(this._options.maxMessages);
      this._wanted = false;
      this._run = 0;
      this._attempt = 0;
      this._refusedSince = null;
      this._socket = null;
      this._timers = new Map();
      this._clockOffset = 0;
      this._toReport = [];
      this._leaving = new Map(); // how many ends of a subscription are not answered yet: what comes until then is of those
      this._loads = { running: 0, waiting: [] };
      this._state = 'closed';
      this._wake = () => this._onWake();
      /** The ids of the conversations subscribed to, as 8-4-4-4-12 in lower case. */
      this.subscriptions = new Set();
    }

    /** `connecting`, `open`, `reconnecting` or `closed`. */
    get state() {
      return this._state;
    }

    on(type, handler) {
      if (typeof handler !== 'function') throw new TypeError('The handler must be a function');
      if (!this._handlers.has(type)) this._handlers.set(type, new Set());
      this._handlers.get(type).add(handler);
      return this;
    }

    off(type, handler) {
      this._handlers.get(type)?.delete(handler);
      return this;
    }

    /**
     * Opens the connection and keeps it open. While it waits for the next attempt: tries now.
     * @throws {Error} where there is no WebSocket or no fetch, as in older versions of Node
     */
    connect() {
      this._check();
      if (this._wanted && this._socket) return this;
      if (!this._wanted) {
        this._wanted = true;
        this._attempt = 0;
        this._refusedSince = null;
        this._listen(true);
      }
      this._open(this._state === 'reconnecting' ? 'reconnecting' : 'connecting');
      return this;
    }

    /** Closes the connection for good; what is subscribed to stays so for a later `connect`. */
    disconnect() {
      this._stop(1000, 'disconnect');
      return this;
    }

    /**
     * Watches a conversation, now and after every reconnect, until it was unsubscribed from as many times as subscribed to.
     * @param {string} conversationId
     * @param {{since?: number}} [options] `since`: the `seq` of a page loaded before, so that nothing is missed in between
     */
    subscribe(conversationId, options) {
      const id = normal(conversationId);
      if (!id) throw new TypeError('A conversation id is needed');
      const known = this._places.get(id);
      if (known) {
        known.holders++;
        // Who comes later may start from before where the conversation is by now, and needs what came in between.
        if (known.rewind(options?.since) && !known.again) this._send(known.begin());
        return this;
      }
      const place = new Place(id, options?.since, this._options.messages ? ['status', 'message'] : null);
      this._places.set(id, place);
      this.subscriptions.add(id);
      this._send(place.begin());
      return this;
    }

    unsubscribe(conversationId) {
      const id = normal(conversationId);
      const place = this._places.get(id);
      if (!place || --place.holders > 0) return this;
      this._places.delete(id);
      this.subscriptions.delete(id);
      if (this._socket?.readyState === OPEN) this._leaving.set(id, (this._leaving.get(id) ?? 0) + 1);
      this._send({ type: 'unsubscribe', conversationId: id });
      return this;
    }

    // ---- the connection -------------------------------------------------------------------------------------------------

    _check() {
      for (const [name, hint] of [
        ['WebSocket', "Node has one from version 22 on; before that: npm install ws, and the option { WebSocket: require('ws') }"],
        ['fetch', 'Node has one from version 18 on; before that give one as the option { fetch }'],
      ]) {
        if (typeof (this._options[name] ?? root[name]) !== 'function') throw new Error(`There is no ${name} here. ${hint}.`);
      }
    }

    async _open(state) {
      const run = ++this._run; // whatever an earlier attempt still has under way finds another number and ends
      this._clearTimers();
      this._setState(state, { attempt: this._attempt });
      let token;
      try {
        token = await this._freshToken();
      } catch (error) {
        if (run === this._run) {
          this._emit('error', { type: 'error', code: 'token', message: `No token: ${error?.message ?? error}`, retryable: true });
          this._retry(0, 'no token');
        }
        return;
      }
      if (run !== this._run) return;
      this._socketToken = token;

      let socket;
      try {
        const WebSocketClass = this._options.WebSocket ?? root.WebSocket;
        const address = this._withLanguage(`${this._base.replace(/^http/i, 'ws')}/ws/status`);
        // Of a JWT the token itself; of any other text one that a subprotocol may be.
        const encoded = encodeURIComponent(token).replace(/[()]/g, (c) => (c === '(' ? '%28' : '%29'));
        socket = this._options.tokenIn === 'query'
          ? new WebSocketClass(`${address}${address.includes('?') ? '&' : '?'}access_token=${encoded}`)
          : new WebSocketClass(address, [PROTOCOL, `bearer.${encoded}`]); // so that no log of addresses has it
      } catch (error) {
        // An address that is none: trying again can't help.
        this._emit('error', { type: 'error', code: 'address', message: 'The address is not one of a server', retryable: false });
        this._stop(0, 'address');
        return;
      }
      this._socket = socket;
      let wasOpen = false;
      this._timer('connect', this._options.connectTimeout, () => this._drop(socket, 'the server did not answer in time'));
      socket.onopen = () => {
        wasOpen = true;
        this._refusedSince = null;
        this._clearTimer('connect');
        this._timer('stable', this._options.stableAfter, () => { this._attempt = 0; });
        this._timer('ping', this._options.pingInterval, () => this._ping());
        this._planFreshToken();
        this._setState('open');
        this._leaving.clear();
        for (const place of this._places.values()) {
          place.refusals = 0;
          this._send(place.begin());
        }
      };
      socket.onmessage = (event) => {
        this._clearTimer('dead');
        this._lastHeard = elapsed();
        this._read(event.data);
      };
      socket.onerror = () => {
        // Says nothing. In browsers `close` follows, in Node not always: not after a refused upgrade.
        if (wasOpen) this._timer('error', LATE, () => this._drop(socket, 'the connection failed'));
        else this._fail(socket);
      };
      socket.onclose = (event) => {
        this._detach(socket);
        this._lost(event.code, event.reason, wasOpen);
      };
    }

    /** The server is taken for dead: its own `close` may be minutes away, so nobody waits for it. */
    _drop(socket, reason) {
      if (socket !== this._socket) return;
      this._detach(socket);
      try { socket.close(4000, reason); } catch { /* already closed */ }
      this._lost(1006, reason, true);
    }

    /** The attempt failed before the socket was open. */
    _fail(socket) {
      if (socket !== this._socket) return;
      this._detach(socket);
      try { socket.close(); } catch { /* it never was */ }
      this._lost(1006, '', false);
    }

    _detach(socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.onerror = () => {};
      if (this._socket === socket) this._socket = null;
    }

    _lost(code, reason, wasAnswered) {
      this._clearTimers();
      if (!this._wanted) return;
      if (code >= 4500 && code <= 4999) this._stop(code, reason || 'refused');
      else if (wasAnswered) this._retry(code, reason);
      else this._askWhy(code, reason);
    }

    /**
     * The upgrade failed, and a browser doesn't say why. The same address asked without an upgrade does: a token that is refused
     * there is refused for good.
     */
    async _askWhy(code, reason) {
      const run = this._run;
      this._setState('reconnecting', { attempt: this._attempt, code, reason });
      let status = 0, wait = 0, detail = '';
      try {
        ({ status, wait, detail } = await this._get('/ws/status', this._token, async (response) => ({
          status: response.status,
          wait: 1000 * (Number(response.headers.get('Retry-After')) || 0),
          detail: response.status === 429 ? (await response.json().catch(() => null))?.detail : '',
        })));
      } catch { /* the server is away, or this origin may not ask: not a refusal */ }
      if (run !== this._run || !this._wanted) return;
      if (status === 401 || status === 403) {
        this._refusedSince ??= elapsed();
        const gaveUp = elapsed() - this._refusedSince >= this._options.refusedTokenTimeout;
        if (typeof this._tokenSource !== 'function' || gaveUp) this._stop(status, 'unauthorized');
        else this._retry(code, 'unauthorized', wait);
      } else if (status === 429) {
        const message = detail || 'The server has no place for one more connection of this user';
        this._retry(status, message, wait);
        this._emit('error', { type: 'error', code: 'too_many_connections', message, retryable: true });
      } else {
        this._retry(code, reason, wait);
      }
    }

    _retry(code, reason, wait = 0) {
      const { reconnectBase, reconnectCap, random } = this._options;
      const delay = Math.min(Math.max(wait, 0), LONGEST_RETRY_AFTER) + fullJitter(this._attempt++, reconnectBase, reconnectCap, random);
      const due = elapsed() + delay;
      this._timer('retry', delay, () => { // first: a handler may disconnect
        if (elapsed() - due > LATE) this._refusedSince = null; // it slept: for how long tokens were refused says nothing
        this._open('reconnecting');
      });
      this._setState('reconnecting', { attempt: this._attempt, delay, code, reason });
    }

    _stop(code, reason) {
      const wasWanted = this._wanted;
      this._wanted = false;
      this._run++;
      this._clearTimers();
      this._listen(false);
      const socket = this._socket;
      if (socket) {
        this._detach(socket);
        try { socket.close(1000); } catch { /* already closed */ }
      }
      if (!wasWanted) return;
      this._setState('closed', { code, reason });
      this._emit('closed', { type: 'closed', code, reason });
    }

    _ping() {
      if (this._socket?.readyState !== OPEN) return;
      this._timer('ping', this._options.pingInterval, () => this._ping());
      if (!this._timers.has('dead')) this._askForLife(this._socket, true);
    }

    /**
     * Without an answer in time the connection is taken for dead. But where the event loop was blocked, or the tab asleep, the
     * answer may be there and just not read yet: then it asks once more.
     */
    _askForLife(socket, again) {
      const due = elapsed() + this._options.pongTimeout;
      this._timer('dead', this._options.pongTimeout, () => {
        if (again && elapsed() - due > LATE) this._askForLife(socket, false);
        else this._drop(socket, 'no answer to a ping');
      });
      this._send({ type: 'ping' });
    }

    /** The phone woke up, or the network is back: now is the time to look, not after the next timer. */
    _onWake() {
      if (!this._wanted || root.document?.visibilityState === 'hidden') return;
      this._refusedSince = null; // right after a wake-up a token may be stale for some seconds
      if (this._timers.has('retry')) this._open('reconnecting');
      else if (this._state === 'open' && elapsed() - (this._lastHeard ?? -Infinity) > this._options.pongTimeout) this._ping();
    }

    _listen(on) {
      const method = on ? 'addEventListener' : 'removeEventListener';
      root[method]?.('online', this._wake);
      root.document?.[method]?.('visibilitychange', this._wake);
    }

    _setState(state, detail) {
      this._state = state;
      this._emit('state', Object.assign({ type: 'state', state }, detail));
    }

    // ---- the token ------------------------------------------------------------------------------------------------------

    async _freshToken() {
      if (typeof this._tokenSource === 'function') {
        const token = await within(this._options.tokenTimeout, 'the function', () => this._tokenSource());
        if (typeof token !== 'string' || token === '') throw new TypeError('the function gave none');
        this._token = token;
      }
      return this._token;
    }

    /** Milliseconds until a token expires by the server's clock; null where it doesn't say. */
    _lifeOf(token) {
      const exp = claims(token ?? '')?.exp;
      return typeof exp === 'number' ? exp * 1000 - (Date.now() + this._clockOffset) : null;
    }

    /** Sends a fresh token on the live socket before the old one expires, so that the server has no reason to close it. */
    _planFreshToken() {
      if (typeof this._tokenSource !== 'function') return;
      const life = this._lifeOf(this._socketToken);
      if (life === null) return;
      this._timer('token', Math.max(1000, life - Math.min(60000, life * 0.2)), async () => {
        const run = this._run;
        try {
          await this._freshToken();
        } catch (error) {
          this._emit('error', { type: 'error', code: 'token', message: `No token: ${error?.message ?? error}`, retryable: true });
        }
        if (run !== this._run || this._socket?.readyState !== OPEN) return;
        if (this._token !== this._socketToken) {
          this._socketToken = this._token;
          this._send({ type: 'auth', token: this._token });
          this._planFreshToken();
        } else {
          this._timer('token', 5000, () => this._planFreshToken());
        }
      });
    }

    // ---- frames ---------------------------------------------------------------------------------------------------------

    _send(frame) {
      if (this._socket?.readyState !== OPEN) return;
      this._socket.send(JSON.stringify(frame));
      this._emit('sent', frame.token ? Object.assign({}, frame, { token: '\u2026' }) : frame);
    }

    _read(data) {
      let frame;
      try {
        frame = JSON.parse(data);
      } catch {
        return;
      }
      if (!frame || typeof frame !== 'object' || typeof frame.type !== 'string') return;
      this._emit('frame', frame);
      if (frame.type === 'message.status') this._status(frame);
      else if (frame.type === 'message.created') this._message(frame);
      else {
        if (frame.type === 'connected' || frame.type === 'pong') this._readClock(frame.timestamp);
        if (frame.type === 'error') this._refusedSubscription(frame);
        this._emit(frame.type, frame);
        if (frame.type === 'subscribed') this._subscribed(frame);
        if (frame.type === 'unsubscribed') this._unsubscribed(frame);
      }
    }

    _readClock(timestamp) {
      const time = Date.parse(timestamp);
      if (Number.isNaN(time)) return;
      const moved = Math.abs(time - Date.now() - this._clockOffset) > 2000;
      this._clockOffset = time - Date.now();
      if (moved) this._planFreshToken();
    }

    _subscribed(frame) {
      const id = normal(frame.conversationId), place = this._places.get(id);
      if (!place || this._leaving.has(id)) return;
      place.refusals = 0;
      if (place.again) this._send(place.begin());
      else if (place.subscribed(frame.seq, frame.recovered)) this._load(place);
    }

    _unsubscribed(frame) {
      const id = normal(frame.conversationId), count = this._leaving.get(id);
      if (count > 1) this._leaving.set(id, count - 1);
      else this._leaving.delete(id);
    }

    /**
     * A conversation that the server won't show is not asked for again, here or after a reconnect; one that it can't show now is asked for
     * later.
     */
    _refusedSubscription(frame) {
      if (typeof frame.conversationId !== 'string') return;
      const id = normal(frame.conversationId), place = this._places.get(id);
      if (!place || this._leaving.has(id)) return;
      if (frame.retryable === false) {
        this._places.delete(id);
        this.subscriptions.delete(id);
      } else if (place.again) {
        this._send(place.begin());
      } else {
        place.refused();
        const { generation } = place, { reconnectBase, reconnectCap, random } = this._options;
        this._timer(`subscribe ${id}`, fullJitter(place.refusals++, reconnectBase, reconnectCap, random), () => {
          // It may have been asked for since then, or be wanted no more.
          if (this._places.get(id) === place && place.generation === generation) this._send(place.begin());
        });
      }
    }

    _status(frame) {
      const place = this._places.get(normal(frame.conversationId));
      if (!place) return; // unsubscribed while it was under way
      if (isSeq(frame.seq) && !place.take(frame.seq)) return;
      if (frame.status in RANK && !this._shown.showFrame(frame)) return;
      this._emit('message.status', frame);
      // What was missed and is caught up on nobody has waited for here.
      if (this._options.reportShown && isSeq(frame.seq) && frame.seq > (place.head ?? -1)) this._reportShown(frame);
    }

    /** What a frame brings is told as often as it passes: somebody who came later may have asked for it again. */
    _message(frame) {
      const place = this._places.get(normal(frame.conversationId));
      if (!place || !isSeq(frame.seq) || !place.take(frame.seq) || typeof frame.message?.messageId !== 'string') return;
      this._seen.add(frame.message.messageId);
      const status = this._shown.statusOf(frame.message.messageId) ?? 'ACCEPTED';
      this._emit('message.created', { ...frame, message: { ...frame.message, status } });
    }

    /** Tells the server when a status was on the screen: at the next paint, where there is one. In a tab that nobody looks at it is not. */
    _reportShown({ conversationId, messageId, timestamp, traceparent }) {
      if (root.document?.visibilityState === 'hidden') return;
      const note = () => {
        if (this._toReport.length >= MAX_SHOWN) return;
        this._toReport.push({ conversationId, messageId, timestamp, traceparent, at: elapsed() });
        if (!this._timers.has('shown')) this._timer('shown', SHOWN_DELAY, () => this._sendShown());
      };
      if (typeof root.requestAnimationFrame === 'function') root.requestAnimationFrame(note);
      else note();
    }

    _sendShown() {
      const now = elapsed();
      const items = this._toReport.splice(0)
        .map(({ at, ...item }) => ({ ...item, ago: Math.round(now - at) }))
        .filter((item) => item.ago <= 60000);
      if (items.length > 0) this._send({ type: 'shown', items });
    }

    // ---- the page, where the server no longer has what was missed -------------------------------------------------------

    _load(place) {
      this._loads.waiting.push({ place, generation: place.generation, attempt: 0 });
      this._nextLoad();
    }

    _nextLoad() {
      while (this._loads.running < this._options.parallelPages && this._loads.waiting.length > 0) {
        const load = this._loads.waiting.shift();
        if (!this._isCurrent(load)) continue;
        this._loads.running++;
        this._runLoad(load).finally(() => {
          this._loads.running--;
          this._nextLoad();
        });
      }
    }

    _isCurrent({ place, generation }) {
      // Where it is live, another load has closed the gap.
      return this._wanted && this._places.get(place.id) === place && place.generation === generation && place.phase !== 'live';
    }

    async _runLoad(load) {
      const { place } = load;
      try {
        let next = null, pages = 0, seq = null, messages = 0;
        do {
          const page = await this._page(place.id, next);
          if (!this._isCurrent(load)) return;
          if (pages++ === 0) seq = page.seq; // read before its items: later pages can only hold more
          next = page.next ?? null;
          const items = Array.isArray(page.items) ? page.items : [];
          messages += items.length;
          this._emit('snapshot', { type: 'snapshot', conversationId: place.id, items, seq, page: pages });
          for (const item of items) this._showItem(place.id, item, seq);
        } while (next !== null && pages < this._options.maxPages);
        if (place.loaded(seq)) {
          this._emit('resync', { type: 'resync', conversationId: place.id, seq: place.last, messages, complete: next === null });
          return;
        }
      } catch (error) {
        if (!this._isCurrent(load)) return;
        // Whatever was answered: the server has taken the subscription, and what was missed stays missing until a page shows it.
        this._emit('error', {
          type: 'error', code: 'resync', conversationId: place.id, retryable: true,
          message: `The conversation could not be loaded: ${error?.message ?? error}`,
        });
      }
      const delay = fullJitter(load.attempt++, this._options.reconnectBase, this._options.reconnectCap, this._options.random);
      setTimeout(() => {
        this._loads.waiting.push(load);
        this._nextLoad();
      }, delay);
    }

    _showItem(conversationId, item, seq) {
      if (this._options.messages && typeof item?.messageId === 'string' && this._seen.add(item.messageId))
        this._emit('message.created', { type: 'message.created', conversationId, message: item, seq, snapshot: true });
      if (!item || !(item.status in RANK) || RANK[item.status] === 0) return;
      const fact = item.facts?.[item.status.toLowerCase()];
      const frame = {
        type: 'message.status', messageId: item.messageId, conversationId, status: item.status, channel: item.channel,
        timestamp: (typeof fact === 'string' ? fact : fact?.at) ?? item.createdAt, snapshot: true,
      };
      const reason = item.reason ?? fact?.reason;
      if (item.status === 'FAILED' && reason) frame.reason = reason;
      if (this._shown.showPage(frame, seq)) this._emit('message.status', frame);
    }

    async _page(conversationId, next) {
      const query = new URLSearchParams({ limit: String(this._options.pageSize) });
      if (next !== null) query.set('before', next);
      const path = `/v1/conversations/${encodeURIComponent(conversationId)}/messages?${query}`;
      const life = this._lifeOf(this._token);
      const read = async (response) => ({ status: response.status, page: response.ok ? await response.json() : null });
      let answer = await this._get(path, life !== null && life < 5000 ? await this._freshToken() : this._token, read);
      if (answer.status === 401 && typeof this._tokenSource === 'function') {
        answer = await this._get(path, await this._freshToken(), read);
      }
      if (answer.page) return answer.page;
      throw new Error(`HTTP ${answer.status}`);
    }

    /** Asks over REST, and reads the answer, in limited time. */
    _get(path, token, read) {
      const fetch = this._options.fetch ?? root.fetch, language = this._language();
      const abort = typeof AbortController === 'function' ? new AbortController() : null;
      const ask = async () => read(await fetch.call(root, this._base + path, {
        headers: { Authorization: `Bearer ${token}`, ...(language && { 'Accept-Language': language }) },
        cache: 'no-store',
        signal: abort?.signal,
      }));
      return within(this._options.connectTimeout, 'the server', ask, () => abort?.abort());
    }

    /** What the server's texts are to be in; empty where nothing is said. */
    _language() {
      const { language } = this._options;
      try {
        return (typeof language === 'function' ? language() : language) ?? '';
      } catch {
        return ''; // the application's own fault, and no reason to be without a connection
      }
    }

    /** In the address: in a browser the handshake's headers are nobody's to set. */
    _withLanguage(address) {
      const language = this._language();
      return language ? `${address}?lang=${encodeURIComponent(language)}` : address;
    }

    // ---- timers and events ----------------------------------------------------------------------------------------------

    _timer(name, delay, action) {
      this._clearTimer(name);
      this._timers.set(name, setTimeout(() => {
        this._timers.delete(name);
        action();
      }, Math.min(delay, LONGEST_TIMER)));
    }

    _clearTimer(name) {
      clearTimeout(this._timers.get(name));
      this._timers.delete(name);
    }

    _clearTimers() {
      this._toReport = []; // with the timer that would send them
      for (const name of [...this._timers.keys()]) this._clearTimer(name);
    }

    _emit(type, data) {
      for (const handler of [...(this._handlers.get(type) ?? [])]) {
        try {
          handler(data);
        } catch (error) {
          console.error(`A handler of '${type}' failed`, error); // and the others go on
        }
      }
    }
  }

  // So that `require` gives the class by any of the names that `import` does.
  ChatStatusClient.ChatStatusClient = ChatStatusClient.default = ChatStatusClient;
  root.ChatStatusClient = ChatStatusClient;
  if (typeof module === 'object' && module.exports) module.exports = ChatStatusClient;
})(typeof globalThis === 'undefined' ? this : globalThis);
