import { Table, Text } from '@mantine/core'

/** A cell of a table with what it is about, and smaller below it what is known of that. */
export function TwoLineCell({ main, below }: { main: string; below: string }) {
  return (
    <Table.Td>
      {main}
      <Text size="xs" c="dimmed">
        {below}
      </Text>
    </Table.Td>
  )
}
