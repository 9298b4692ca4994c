//! What an officer plugs in: camera and microphone, printers, satellite receiver.
