import { onBeforeUnmount, onMounted } from "vue";
import { type Command, commandOf } from "./keys";

/** Listen for the page's keys while it is shown. */
export function useCommands(isDialogOpen: () => boolean, actions: Record<Command, () => unknown>) {
  const listen = (event: KeyboardEvent) => {
    const command = commandOf(event, isDialogOpen());
    if (!command) return;
    event.preventDefault();
    actions[command]();
  };
  onMounted(() => document.addEventListener("keydown", listen));
  onBeforeUnmount(() => document.removeEventListener("keydown", listen));
}
