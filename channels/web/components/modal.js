// A window over the page: the browser keeps the focus inside, and Escape closes it.
import { h } from "vue";

export default {
  props: { label: String },
  emits: ["close"],
  mounted() {
    this.$refs.window.showModal();
  },
  render() {
    return h(
      "dialog",
      {
        ref: "window",
        class: "modal",
        "aria-label": this.label,
        onClose: () => this.$emit("close"),
      },
      this.$slots.default?.(),
    );
  },
};
