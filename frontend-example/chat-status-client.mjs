import './chat-status-client.js';

export const ChatStatusClient = globalThis.ChatStatusClient;
export default ChatStatusClient;
