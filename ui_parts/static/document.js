import { applyTheme } from "./theme.js";

applyTheme();
document.getElementById("here")?.scrollIntoView({ block: "center" });
