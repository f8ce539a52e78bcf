// PostGraphile asks for what Node has from 22 on; 20 is given it here, before anything else is loaded.
Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
