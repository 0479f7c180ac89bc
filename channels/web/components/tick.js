// A box to tick, with what it means beside it.
import { h } from "vue";

export default {
  props: { value: Boolean, label: String },
  emits: ["value"],
  render() {
    return h("label", { class: "tick" }, [
      h("input", {
        type: "checkbox",
        checked: this.value,
        onChange: (event) => this.$emit("value", event.target.checked),
      }),
      h("span", this.label),
    ]);
  },
};
