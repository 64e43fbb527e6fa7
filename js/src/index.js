/** Every view by its name. The runtime of a figure holds those that it needs, see `build.js`. */
import { views } from "./mount.js";
import { attention } from "./views/attention.js";
import { attribution } from "./views/attribution.js";
import { comparison } from "./views/comparison.js";
import { contributions } from "./views/contributions.js";
import { difference } from "./views/difference.js";
import { factors } from "./views/factors.js";
import { faithfulness } from "./views/faithfulness.js";
import { heatmap } from "./views/heatmap.js";
import { layerPredictions } from "./views/layer_predictions.js";
import { lens } from "./views/lens.js";
import { neurons } from "./views/neurons.js";
import { predictions } from "./views/predictions.js";
import { probe } from "./views/probe.js";
import { rankings } from "./views/rankings.js";
import { tokens } from "./views/tokens.js";
import { trace } from "./views/trace.js";

Object.assign(views, {
  attention,
  attribution,
  comparison,
  contributions,
  difference,
  faithfulness,
  factors,
  heatmap,
  rankings,
  layer_predictions: layerPredictions,
  lens,
  neurons,
  predictions,
  probe,
  tokens,
  trace,
});

export { attach, mount, views } from "./mount.js";
