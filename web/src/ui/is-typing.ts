/** Whether a key belongs to a field, a dialog's control or the browser, and is no shortcut of a page. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true
  const { target } = event
  if (!(target instanceof HTMLElement)) return false
  return (
    target.isContentEditable ||
    target.closest('[role="dialog"], [role="menu"], [role="listbox"], [role="slider"]') !== null ||
    /^(input|textarea|select)$/i.test(target.tagName)
  )
}
