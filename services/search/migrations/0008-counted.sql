-- What lists are counted by stands with the facts: whoever counts a wide list reads thousands of narrow rows and no document.
ALTER TABLE facts ADD COLUMN brand text, ADD COLUMN category_ids uuid[] NOT NULL DEFAULT '{}', ADD COLUMN tags text[] NOT NULL DEFAULT '{}';
UPDATE facts f SET brand = d.brand, category_ids = d.category_ids, tags = d.tags FROM documents d WHERE d.product_id = f.product_id;
