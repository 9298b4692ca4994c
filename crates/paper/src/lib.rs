//! Values and a layout become pages, a PDF, a preview and a ticket.
