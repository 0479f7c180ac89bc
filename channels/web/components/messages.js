// A conversation that stays at its end while it grows, unless somebody has scrolled up to read.
import { h } from "vue";

export default {
  mounted() {
    const log = this.$refs.log;
    this.follows = true;
    log.addEventListener("scroll", () => {
      this.follows = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    });
    this.observer = new MutationObserver(() => {
      if (this.follows) log.scrollTop = log.scrollHeight;
    });
    this.observer.observe(log, { childList: true, subtree: true, characterData: true });
    log.scrollTop = log.scrollHeight;
  },
  beforeUnmount() {
    this.observer.disconnect();
  },
  render() {
    return h("div", { ref: "log", class: "log", role: "log", "aria-live": "polite" }, this.$slots.default?.());
  },
};
