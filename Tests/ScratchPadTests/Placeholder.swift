// ScratchPad
