-- Beginnings are looked up between two texts, byte by byte, which needs no pattern: so one plan serves all, and the index gives the order.
DROP INDEX documents_name, categories_name, questions_beginning;
CREATE INDEX documents_name ON documents (name_key);
CREATE INDEX categories_name ON categories (name_key);
CREATE INDEX questions_beginning ON questions (question) WHERE stretches >= 3;
