"""All the SQL: who sees which rows, where each type's rows come from, what each field reads, and the writes."""
