/** Types of chat-status-client.js: a classic script (global `ChatStatusClient`) and what `require` gets. For `import`: the .d.mts. */

declare class ChatStatusClient {
  /**
   * @param baseUrl where the API is: `http://localhost:5000`
   * @param token a JWT, or a function that fetches a fresh one: it is asked before every connection, and before the token
   *   expires on a live one
   * @throws where `pageSize` is not 1 to 200
   */
  constructor(baseUrl: string, token: ChatStatusClient.TokenSource, options?: ChatStatusClient.ChatStatusClientOptions);

  readonly state: ChatStatusClient.ConnectionState;

  /** The ids of the conversations subscribed to, as 8-4-4-4-12 in lower case. */
  readonly subscriptions: ReadonlySet<string>;

  on<K extends keyof ChatStatusClient.ChatStatusEvents>(type: K, handler: (event: ChatStatusClient.ChatStatusEvents[K]) => void): this;
  off<K extends keyof ChatStatusClient.ChatStatusEvents>(type: K, handler: (event: ChatStatusClient.ChatStatusEvents[K]) => void): this;

  /**
   * Opens the connection and keeps it open. While it waits for the next attempt: tries now.
   * @throws where there is no WebSocket or no fetch, as in older versions of Node
   */
  connect(): this;

  /** Closes the connection for good; the subscriptions stay for a later `connect`. */
  disconnect(): this;

  /**
   * Watches a conversation, now and after every reconnect, without a gap, until it was unsubscribed from as often as subscribed to.
   * @param conversationId a UUID in any spelling
   * @param options.since the `seq` of a page loaded before, so that nothing between the two is missed
   */
  subscribe(conversationId: string, options?: { since?: number }): this;

  /**
   * One subscription less; after the last one it stops watching, and forgets where it was. Not after an error that ended the subscription:
   * by then it may be another holder's.
   */
  unsubscribe(conversationId: string): this;
}

declare namespace ChatStatusClient {
  export { ChatStatusClient, ChatStatusClient as default };

  export type MessageStatus = 'ACCEPTED' | 'SENT' | 'DELIVERED' | 'READ' | 'FAILED';

  /** `reconnecting`: the connection was lost and the client waits for the next attempt, or is at it. */
  export type ConnectionState = 'connecting' | 'open' | 'reconnecting' | 'closed';

  export interface ConnectedFrame {
    type: 'connected';
    connectionId: string;
    userId: string;
    timestamp: string;
  }

  export interface SubscribedFrame {
    type: 'subscribed';
    conversationId: string;
    timestamp: string;
    /** Where the conversation's numbers stood when the subscription began. */
    seq?: number;
    /** Where `since` was sent: whether everything after it follows. False may also come unasked: what was missed is loaded then. */
    recovered?: boolean;
  }

  export interface UnsubscribedFrame {
    type: 'unsubscribed';
    conversationId: string;
    timestamp?: string;
  }

  export interface MessageStatusFrame {
    type: 'message.status';
    messageId: string;
    conversationId: string;
    status: MessageStatus;
    channel: string;
    /** ISO 8601 in UTC: when it happened, as the channel tells. */
    timestamp: string;
    /** Why a message FAILED. */
    reason?: string;
    /** The conversation's number of this change: it rises and has holes. Absent where the frame was published by hand. */
    seq?: number;
    traceparent?: string;
    /** True where this client made the frame itself, out of a page that it loaded over REST. */
    snapshot?: boolean;
  }

  /** A message that was taken in, from either side. Only with the option `messages`. */
  export interface MessageCreatedFrame {
    type: 'message.created';
    conversationId: string;
    /** `content` is absent where it is too large for a frame: `GET /v1/messages/{id}` has it. `status` is what is shown of it. */
    message: Omit<MessageItem, 'content' | 'facts'> & Partial<Pick<MessageItem, 'content' | 'facts'>>;
    /** The conversation's number of the event; of a page, the page's. */
    seq: number | null;
    /** ISO 8601 in UTC: when it was taken. Absent where `snapshot` is true. */
    timestamp?: string;
    traceparent?: string;
    /** True where this client made the frame itself, out of a page that it loaded over REST. */
    snapshot?: boolean;
  }

  export interface PongFrame {
    type: 'pong';
    timestamp: string;
  }

  /** The server took the fresh token that the client sent on the live socket. */
  export interface AuthenticatedFrame {
    type: 'authenticated';
    expiresAt: string;
    timestamp: string;
  }

  /**
   * The server's `error`, or one of the client's own: `token`, `address`, `resync` and `too_many_connections` are its codes. One that names a
   * conversation and is not `retryable` has ended the subscription to it.
   */
  export interface ErrorFrame {
    type: 'error';
    message: string;
    code?: string;
    retryable?: boolean;
    conversationId?: string;
  }

  export interface StateEvent {
    type: 'state';
    state: ConnectionState;
    /** How many attempts in a row have failed. */
    attempt?: number;
    /** Milliseconds until the next attempt. */
    delay?: number;
    /** The close code; 401, 403 or 429 where the connection was refused; 0 where there was no connection to close. */
    code?: number;
    reason?: string;
  }

  /** The client has stopped trying: it was told to, or the server said so. */
  export interface ClosedEvent {
    type: 'closed';
    /** 1000 after `disconnect()`, 4500 to 4999 by the server, 401 or 403 where the token is refused, 0 for an unusable address. */
    code: number;
    reason: string;
  }

  export interface MessageFact {
    at: string;
    reason?: string | null;
    seq?: number;
  }

  export interface MessageItem {
    messageId: string;
    conversationId: string;
    channel: string;
    direction: 'outbound' | 'inbound';
    type: string;
    content: unknown;
    senderId: string;
    createdAt: string;
    /** Its place in its conversation, which pages are in the order of, newest first; null on a message of before there were positions. */
    position?: number | null;
    status: MessageStatus;
    facts: Partial<Record<'sent' | 'delivered' | 'read' | 'failed', MessageFact | string | null>>;
    reason?: string | null;
  }

  /** One page that was loaded because the server no longer had everything that was missed. */
  export interface SnapshotEvent {
    type: 'snapshot';
    conversationId: string;
    items: MessageItem[];
    /** The first page's number. */
    seq: number | null;
    /** 1 is the newest. */
    page: number;
  }

  /** The gap is closed: the conversation stands at `seq` and live frames follow. */
  export interface ResyncEvent {
    type: 'resync';
    conversationId: string;
    seq: number;
    /** How many messages were loaded. */
    messages: number;
    /** False where the conversation is longer than `maxPages` pages: its oldest messages were not looked at. */
    complete: boolean;
  }

  export interface ChatStatusEvents {
    connected: ConnectedFrame;
    subscribed: SubscribedFrame;
    unsubscribed: UnsubscribedFrame;
    /** Never goes backwards for a message: READ > DELIVERED > FAILED > SENT > ACCEPTED. */
    'message.status': MessageStatusFrame;
    /** With the option `messages`. The same message may come more than once: tell it by its id. */
    'message.created': MessageCreatedFrame;
    pong: PongFrame;
    authenticated: AuthenticatedFrame;
    error: ErrorFrame;
    state: StateEvent;
    closed: ClosedEvent;
    snapshot: SnapshotEvent;
    resync: ResyncEvent;
    /** Every frame as it came, before anything is decided about it. */
    frame: { type: string; [member: string]: unknown };
    /** Every frame as it went, a token in it blotted out. */
    sent: { type: string; [member: string]: unknown };
  }

  export type TokenSource = string | (() => string | Promise<string>);

  /** What the client needs of a WebSocket: the browser's, Node's and that of the package ws have it. */
  export interface WebSocketLike {
    readonly readyState: number;
    onopen: ((event: any) => void) | null;
    onmessage: ((event: any) => void) | null;
    onerror: ((event: any) => void) | null;
    onclose: ((event: any) => void) | null;
    send(data: string): void;
    close(code?: number, reason?: string): void;
  }

  /** All times in milliseconds. */
  export interface ChatStatusClientOptions {
    /** Instead of the global one. The token is among the protocols, but where `tokenIn` is 'query'. */
    WebSocket?: new (url: string, protocols?: string | string[]) => WebSocketLike;
    /** Instead of the global one. */
    fetch?: typeof globalThis extends { fetch: infer Fetch } ? Fetch : (url: string, init?: object) => Promise<unknown>;
    /** At least 0, below 1: where in its range a delay lies. */
    random?: () => number;
    /** 30,000. */
    pingInterval?: number;
    /** After a ping without any frame for this long, the connection is taken for dead. 10,000. */
    pongTimeout?: number;
    /** For an attempt to connect, and for a request over REST. 15,000. */
    connectTimeout?: number;
    /**
     * How the socket's token is sent: as a subprotocol, which stays out of addresses and their logs, or in the query, for a server or a
     * proxy that knows no subprotocols. 'protocol'.
     */
    tokenIn?: 'protocol' | 'query';
    /** For the function that gives a token. 15,000. */
    tokenTimeout?: number;
    /** Fresh tokens that have been refused for this long end the trying. 60,000. */
    refusedTokenTimeout?: number;
    /** The n-th delay lies below `reconnectBase * 2^n`, at most `reconnectCap`. 500 and 30,000. */
    reconnectBase?: number;
    reconnectCap?: number;
    /** A connection that lasted this long starts the delays anew. 5,000. */
    stableAfter?: number;
    /** Of how many messages the shown status is remembered. 10,000. */
    maxMessages?: number;
    /** Messages on a page, pages of one conversation, and conversations loaded at a time, after a gap. 100, 20 and 4. */
    pageSize?: number;
    maxPages?: number;
    parallelPages?: number;
    /**
     * Tells the server when each live status was on the screen, so that it can measure what people really waited, and a message's trace
     * ends there. What happens in a tab that nobody looks at is not told. False.
     */
    reportShown?: boolean;
    /** Watches messages too, from either side, and not only what becomes of them: `message.created`. False. */
    messages?: boolean;
    /**
     * What the server's texts are in, `pt-BR` or `en`, or what tells at each connection. Without it a socket's are in Portuguese, and
     * those over REST in the browser's language.
     */
    language?: string | (() => string);
  }
}

export = ChatStatusClient;

declare global {
  var ChatStatusClient: typeof import('./chat-status-client');
}
