namespace TorchSharp;

/// <summary>What a dispose scope can hold.</summary>
internal interface IScoped : IDisposable
{
    /// <summary>The scope that will dispose it, if any.</summary>
    DisposeScope? OwningDisposeScope { get; set; }

    /// <summary>The counters of its kind.</summary>
    LifetimeStatistics CountersIn(ThreadDisposeScopeStatistics statistics);
}

/// <summary>The dispose scopes that are open on the current thread. See <see cref="torch.NewDisposeScope"/>.</summary>
public class DisposeScopeManager
{
    [ThreadStatic]
    private static DisposeScopeManager? threadSingleton;

    internal static DisposeScopeManager ThreadSingleton => threadSingleton ??= new DisposeScopeManager();

    /// <summary>How many tensors the current thread has created and disposed.</summary>
    public static ThreadDisposeScopeStatistics Statistics => ThreadSingleton.StatisticsInstance;

    internal ThreadDisposeScopeStatistics StatisticsInstance { get; } = new();

    internal DisposeScope? CurrentDisposeScope { get; private set; }

    internal DisposeScope? RegisterOnCurrentDisposeScope(IScoped item)
    {
        var counters = item.CountersIn(StatisticsInstance);
        if (CurrentDisposeScope is not { } scope)
        {
            counters.CreatedOutsideScopeCount++;
            return null;
        }
        counters.CreatedInScopeCount++;
        scope.Disposables.Add(item);
        return scope;
    }

    internal void DisposingOnCurrentScope(IScoped item)
    {
        var counters = item.CountersIn(StatisticsInstance);
        if (item.OwningDisposeScope is null)
            counters.DisposedOutsideScopeCount++;
        else
            counters.DisposedInScopeCount++;
    }

    internal DisposeScope NewDisposeScope() => CurrentDisposeScope = new DisposeScope(this);

    /// <summary>Takes a scope out of the chain of open ones, wherever it stands there.</summary>
    internal void RemoveDisposeScope(DisposeScope disposeScope)
    {
        if (CurrentDisposeScope == disposeScope)
        {
            CurrentDisposeScope = disposeScope.OuterScope;
            return;
        }
        for (var scope = CurrentDisposeScope; scope is not null; scope = scope.OuterScope)
        {
            if (scope.OuterScope == disposeScope)
            {
                scope.OuterScope = disposeScope.OuterScope;
                return;
            }
        }
    }
}
