//! Where writes are admitted, analysed, made durable and indexed, and where queries are answered.
