"""Pure: a report as data (`document`), its words (`wording`, `composing`, `sections`), and how it is rendered (`charts`, `pages`,
`marked_text`, `office`)."""
