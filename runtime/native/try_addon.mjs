// node try_addon.mjs ADDON: hands the baton over some thousand times between three stacks, and prints how, on which Node and how often.
import { createRequire } from 'node:module';

const { mode, spawn, switchTo, kill } = createRequire(import.meta.url)(process.argv[2]);
let switched = 0;
const ids = [0, 1, 2].map(() =>
  spawn(() => {
    for (;;) {
      switched++;
      switchTo(0);
    }
  }),
);
for (let i = 0; i < 1000; i++) ids.forEach((id) => switchTo(id));
ids.forEach((id) => kill(id));
console.log(mode, process.version, switched);
