// Starts GraphiQL on the portal's own endpoint. A file of its own, so that `script-src 'self'` suffices.
"use strict";

(() => {
  const DEFAULT_QUERY = `# Put a token into "Headers" below;
# "make serve" prints one for each role.
#
# "actions" tells what may be done with a
# record now, and why the rest may not.

{
  viewer {
    role
    organisation { name }
    learner { givenName }
  }
  learners(first: 5) {
    totalCount
    nodes {
      id
      givenName
      familyName
      actions { action available reasons { code message } }
    }
  }
}
`;

  const DEFAULT_HEADERS = `{
  "Authorization": "Bearer "
}`;

  // "Bearer" with nothing behind it is the untouched default: such a call is anonymous, not wrongly signed in.
  const withoutEmptyToken = (headers) =>
    Object.fromEntries(
      Object.entries(headers || {}).filter(
        ([name, value]) => !(name.toLowerCase() === "authorization" && /^\s*(bearer)?\s*$/i.test(String(value))),
      ),
    );

  const fetcher = async (request, options) => {
    const response = await fetch("/graphql", {
      method: "POST",
      headers: {
        "Accept": "application/graphql-response+json, application/json",
        "Content-Type": "application/json",
        ...withoutEmptyToken(options && options.headers),
      },
      body: JSON.stringify(request),
      credentials: "omit",
    });
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      return { errors: [{ message: `The portal answered ${response.status} without JSON: ${text.slice(0, 500)}` }] };
    }
  };

  const element = React.createElement;
  ReactDOM.createRoot(document.getElementById("explorer")).render(
    element(
      GraphiQL,
      {
        fetcher,
        defaultQuery: DEFAULT_QUERY,
        defaultHeaders: DEFAULT_HEADERS,
        defaultEditorToolsVisibility: "headers",
        isHeadersEditorEnabled: true,
        // A token must not outlive its tab: no headers in local storage, and no switch to put them there.
        shouldPersistHeaders: false,
        showPersistHeadersSettings: false,
      },
      element(GraphiQL.Logo, null, "Learner portal"),
    ),
  );
})();
