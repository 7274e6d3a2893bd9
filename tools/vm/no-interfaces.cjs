'use strict';

// Preloaded into every Node.js of a machine whose rtnetlink does not answer: npm asks for the interfaces when it starts.
require('node:os').networkInterfaces = () => ({});
