/** Types of chat-status-client.mjs. */

import ChatStatusClient from './chat-status-client.js';

export { ChatStatusClient, ChatStatusClient as default };

export type MessageStatus = ChatStatusClient.MessageStatus;
export type ConnectionState = ChatStatusClient.ConnectionState;
export type ConnectedFrame = ChatStatusClient.ConnectedFrame;
export type SubscribedFrame = ChatStatusClient.SubscribedFrame;
export type UnsubscribedFrame = ChatStatusClient.UnsubscribedFrame;
export type MessageStatusFrame = ChatStatusClient.MessageStatusFrame;
export type PongFrame = ChatStatusClient.PongFrame;
export type AuthenticatedFrame = ChatStatusClient.AuthenticatedFrame;
export type ErrorFrame = ChatStatusClient.ErrorFrame;
export type StateEvent = ChatStatusClient.StateEvent;
export type ClosedEvent = ChatStatusClient.ClosedEvent;
export type MessageFact = ChatStatusClient.MessageFact;
export type MessageItem = ChatStatusClient.MessageItem;
export type SnapshotEvent = ChatStatusClient.SnapshotEvent;
export type ResyncEvent = ChatStatusClient.ResyncEvent;
export type ChatStatusEvents = ChatStatusClient.ChatStatusEvents;
export type TokenSource = ChatStatusClient.TokenSource;
export type ChatStatusClientOptions = ChatStatusClient.ChatStatusClientOptions;
export type WebSocketLike = ChatStatusClient.WebSocketLike;
