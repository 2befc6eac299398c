export * from './chat-status-client.js'; export { ChatStatusClient as default } from './chat-status-client.js';
