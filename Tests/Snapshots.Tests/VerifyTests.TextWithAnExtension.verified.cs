class Nothing;
