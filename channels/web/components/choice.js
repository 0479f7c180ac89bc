// One choice out of a few.
import { h } from "vue";

export default {
  props: { value: String, options: Array, label: String },
  emits: ["value"],
  render() {
    return h(
      "select",
      {
        class: "field",
        value: this.value,
        "aria-label": this.label,
        onChange: (event) => this.$emit("value", event.target.value),
      },
      (this.options ?? []).map(([key, name]) =>
        h("option", { value: key, selected: key === this.value }, name),
      ),
    );
  },
};
