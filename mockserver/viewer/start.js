// Shows the contract whose address the page carries. Everything comes from the host that served the page.
"use strict";

const place = document.getElementById("contract");

window.ui = SwaggerUIBundle({
  domNode: place,
  url: place.dataset.url,
  validatorUrl: null, // no badge from another host
  queryConfigEnabled: false, // a link must not be able to choose what is shown
  deepLinking: true,
  displayOperationId: true,
  tryItOutEnabled: true,
});
