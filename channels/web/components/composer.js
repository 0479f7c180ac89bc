// Where a person writes to the assistant: Enter sends, Shift+Enter starts a new line.
import { h } from "vue";

export default {
  props: { placeholder: String, label: String, sendLabel: String, busy: Boolean },
  emits: ["send"],
  data: () => ({ text: "" }),
  mounted() {
    if (window.matchMedia("(hover: hover)").matches) this.$refs.field.focus();
  },
  updated() {
    this.grow();
  },
  methods: {
    grow() {
      const field = this.$refs.field;
      field.style.height = "auto";
      field.style.height = `${Math.min(field.scrollHeight, 200)}px`;
    },
    send() {
      const said = this.text.trim();
      if (!said || this.busy) return;
      this.text = "";
      this.$emit("send", said);
      this.$refs.field.focus();
    },
    onKey(event) {
      // While an input method is composing (Chinese), Enter chooses a word and sends nothing.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.send();
    },
  },
  render() {
    return h("form", { class: "composer", onSubmit: (event) => (event.preventDefault(), this.send()) }, [
      h("textarea", {
        ref: "field",
        rows: 1,
        value: this.text,
        placeholder: this.placeholder,
        "aria-label": this.label,
        maxlength: 20000,
        enterkeyhint: "send",
        onInput: (event) => (this.text = event.target.value),
        onKeydown: this.onKey,
      }),
      h(
        "button",
        { type: "submit", class: "send", disabled: this.busy || !this.text.trim(), "aria-label": this.sendLabel },
        h("span", { class: "icon icon-send", "aria-hidden": "true" }),
      ),
    ]);
  },
};
