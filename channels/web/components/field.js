// One line to fill in; what was typed is reported when the typing pauses.
import { h } from "vue";
const PAUSE_MS = 350;

export default {
  props: {
    value: String,
    type: { type: String, default: "text" },
    inputmode: String,
    label: String,
    placeholder: String,
    autofocus: Boolean,
  },
  emits: ["value", "enter"],
  data() {
    return { text: this.value ?? "", timer: null };
  },
  watch: {
    value(now) {
      this.text = now ?? "";
    },
  },
  mounted() {
    if (this.autofocus) this.$refs.field.focus();
  },
  beforeUnmount() {
    clearTimeout(this.timer);
  },
  methods: {
    report() {
      clearTimeout(this.timer);
      this.$emit("value", this.text);
    },
    onInput(event) {
      this.text = event.target.value;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.report(), PAUSE_MS);
    },
    onKey(event) {
      if (event.key !== "Enter" || event.isComposing) return;
      this.report();
      this.$emit("enter", this.text);
    },
  },
  render() {
    return h("input", {
      ref: "field",
      class: "field",
      type: this.type,
      inputmode: this.inputmode,
      value: this.text,
      placeholder: this.placeholder,
      "aria-label": this.label,
      autocomplete: this.type === "password" ? "new-password" : "off",
      maxlength: 4000,
      onInput: this.onInput,
      onChange: this.report,
      onKeydown: this.onKey,
    });
  },
};
