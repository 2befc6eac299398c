export * from './chat-status-client.js'; export { default } from './chat-status-client.js';
