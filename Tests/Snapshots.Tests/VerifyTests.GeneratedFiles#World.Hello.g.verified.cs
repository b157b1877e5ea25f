//HintName: World.Hello.g.cs
// Hello, World
