/** tfjs on its WebAssembly backend beside our rows. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { worksOf } from "./tfjs_works.mjs";
import { printAll } from "./works.mjs";

await tf.setBackend("wasm");
await tf.ready();
await printAll("tfjs, wasm", worksOf(tf)); // results are there on return
