// A button that copies an example without its prompts and output.
document.addEventListener("DOMContentLoaded", () => {
  for (const block of document.querySelectorAll("div.highlight")) {
    const code = block.querySelector("pre");
    if (!code) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy this example");
    button.addEventListener("click", async () => {
      const lines = code.textContent.split("\n");
      const prompt = /^(>>>|\.\.\.|\$)( |$)/;
      const typed = lines.some((line) => /^(>>>|\$) /.test(line))
        ? lines.filter((line) => prompt.test(line)).map((line) => line.replace(prompt, ""))
        : lines;
      await navigator.clipboard.writeText(typed.join("\n").trimEnd() + "\n");
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    block.append(button);
  }
});
