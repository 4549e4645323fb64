"""Problems that statistics find, and what people make of them."""
